"""What a person does with a run is in the log of actions: asked before, and how it went after."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from config import Settings
from models import (
    Approval,
    Correction,
    DecisionChannel,
    OrderStatus,
    Principal,
    ReceiptStatus,
    Role,
)
from providers.errors import PaymentDeclined, ProviderUnavailable
from providers.records import ActionLog
from service.access.log import Doer, entries
from service.access.records import opened_access
from service.errors import DatabaseUnreachable, Refused
from service.orders.decisions import decide, expedite, pause, resume
from service.orders.retry import OrderRetry, start_order_again
from service.receipts.retry import ReceiptRetry, start_receipt_again
from service.receipts.review import correct, discard
from service.runs.find import cancel, find_run
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import QUEUE, Pipelines, a_receipt, large_order, later_try, small_order
from tests.support.watching import (
    cancelled_order,
    failure_of,
    order_state,
    receipt_state,
    result_of,
    until_order,
    until_receipt,
)

ADA = Principal(name="ada", role=Role.OPERATE, channel=DecisionChannel.HTTP)
APPROVES = Approval(approved=True, decided_by="ada", channel=DecisionChannel.HTTP)
READ = {"merchant": "Corner Cafe", "total_cents": 1230, "currency": "EUR", "date": "2026-03-04"}

Act = Callable[[Client, Doer], Awaitable[object]]


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[ActionLog]:
    async with opened_access(Settings(state_dir=tmp_path)) as access:
        yield access.log


@pytest.fixture
def ada(log: ActionLog) -> Doer:
    return Doer.signed_in(ADA, log)


async def logged(log: ActionLog) -> list[tuple[str, str, Any, Any, str]]:
    """Return the rows, oldest first; fail if one is not Ada's or has no first row."""
    rows = (await entries(log))[::-1]
    assert {(row.who, row.channel) for row in rows} <= {("ada", DecisionChannel.HTTP)}
    known = {row.id for row in rows if row.outcome == "asked"}
    assert {row.asked_id for row in rows if row.outcome != "asked"} <= known
    return [(row.action, row.subject, row.before, row.after, row.outcome) for row in rows]


async def test_a_decision_and_one_that_came_too_late(
    pipelines: Pipelines, log: ActionLog, ada: Doer
) -> None:
    client, run = pipelines.env.client, await pipelines.order(large_order())

    await decide(client, "o1", APPROVES, ada)
    with pytest.raises(Refused):
        await decide(client, "o1", APPROVES.model_copy(update={"approved": False}), ada)

    decided = {"approved": True, "decided_by": "ada", "reason": "", "channel": "http"}
    assert await logged(log) == [
        ("approve", "order-o1", None, None, "asked"),
        ("approve", "order-o1", None, decided, "done"),
        ("reject", "order-o1", None, None, "asked"),
        ("reject", "order-o1", None, None, "refused: order o1 was already approved by ada"),
    ]
    await result_of(run)


async def test_an_order_is_held_up_hurried_and_cancelled(
    pipelines: Pipelines, log: ActionLog, ada: Doer
) -> None:
    client, run = pipelines.env.client, await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)

    await pause(client, "order-o1", ada)
    await expedite(client, "order-o1", ada)
    await cancel(client, "o1", ada)
    await cancelled_order(run)
    with pytest.raises(Refused):
        await resume(client, "o1", ada)

    rows = await logged(log)
    assert [(action, outcome) for action, _, _, _, outcome in rows] == [
        *(("pause", "asked"), ("pause", "done")),
        *(("expedite", "asked"), ("expedite", "done")),
        *(("cancel", "asked"), ("cancel", "done")),
    ], "what is over is refused before anything is asked of it"
    assert {subject for _, subject, *_ in rows} == {"order-o1"}
    assert rows[1][3] == {"status": "waiting_for_business_day", "paused": True}


async def test_a_correction_says_what_was_read_and_what_it_is_now(
    pipelines: Pipelines, world: World, log: ActionLog, ada: Doer
) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)

    correction = Correction(total_cents=900, merchant="Cafe", corrected_by="ada")
    await correct(pipelines.env.client, "u1-abc", correction, ada)
    await result_of(run)

    now = {**READ, "total_cents": 900, "merchant": "Cafe"}
    assert await logged(log) == [
        ("correct", "receipt-u1-abc", READ, None, "asked"),
        ("correct", "receipt-u1-abc", READ, now, "done"),
    ]


async def test_a_receipt_that_is_discarded(
    pipelines: Pipelines, world: World, log: ActionLog, ada: Doer
) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)

    await discard(await find_run(pipelines.env.client, "u1-abc"), ada)
    await failure_of(run)

    assert [(row[0], row[1], row[4]) for row in await logged(log)] == [
        ("discard", "receipt-u1-abc", "asked"),
        ("discard", "receipt-u1-abc", "done"),
    ]


async def test_trying_again(pipelines: Pipelines, world: World, log: ActionLog, ada: Doer) -> None:
    client, settings = pipelines.env.client, Settings(task_queue=QUEUE)
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    await result_of(await pipelines.order())
    world.fail("save_expense", *[ProviderUnavailable("the database is away")] * 10)
    await failure_of(await pipelines.receipt())

    run = await find_run(client, "order-o1")
    earlier = await order_state(run.handle)
    order = OrderRetry(
        "order-o1", run.run_id, False, earlier, later_try(small_order()), [], run.run_id
    )
    tried = await start_order_again(client, settings, order, ada)
    with pytest.raises(Refused, match="somebody has just done so"):
        await start_order_again(client, settings, order, ada)
    run = await find_run(client, "receipt-u1-abc")
    receipt = ReceiptRetry(run, await receipt_state(run.handle), a_receipt())
    read = await start_receipt_again(client, receipt, settings, ada)

    was = {"status": "payment_failed", "try_number": 1}
    is_now = {"try_number": 2, "run_id": tried.run_id}
    refused = "refused: order-o1 cannot be tried again: somebody has just done so"
    rows = await logged(log)
    assert rows[3][4].startswith(refused)
    assert [*rows[:3], *rows[4:]] == [
        ("retry", "order-o1", was, None, "asked"),
        ("retry", "order-o1", was, is_now, "done"),
        ("retry", "order-o1", was, None, "asked"),
        ("retry", "receipt-u1-abc", {"status": "failed"}, None, "asked"),
        ("retry", "receipt-u1-abc", {"status": "failed"}, {"run_id": read.run_id}, "done"),
    ]
    for started in (tried, read):
        await client.get_workflow_handle(started.workflow_id).terminate()


@pytest.mark.parametrize(
    "act",
    [
        lambda client, ada: decide(client, "o1", APPROVES, ada),
        lambda client, ada: pause(client, "o1", ada),
        lambda client, ada: cancel(client, "o1", ada),
    ],
    ids=["decide", "pause", "cancel"],
)
async def test_without_a_log_nothing_is_done(
    pipelines: Pipelines, tmp_path: Path, act: Act
) -> None:
    run = await pipelines.order(large_order())
    (tmp_path / "expenses.db").mkdir()
    async with opened_access(Settings(state_dir=tmp_path)) as access:
        with pytest.raises(DatabaseUnreachable):
            await act(pipelines.env.client, Doer.signed_in(ADA, access.log))

    state = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    assert (state.approval, state.paused) == (None, False)
    assert (await result_of(run)).status is OrderStatus.APPROVAL_EXPIRED
