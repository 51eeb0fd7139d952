"""``list --stuck`` on a real server: a refund that keeps failing, and failing workflow code."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from models import (
    ArchiveReceipt,
    Mail,
    MailReceipt,
    Order,
    OrderToArchive,
    SettledTry,
    TryToSettle,
)
from service.errors import RunCodeFails
from service.orders.start import start_order
from service.runs.find import find_run
from service.runs.stuck import backlogs
from tests.support.terminal import (
    DEADLINE_SECONDS,
    LOOK_SECONDS,
    Terminal,
    eventually,
    order_document,
)
from workflows.order.workflow import OrderWorkflow
from workflows.runners import UnversionedRunner

QUEUE_OF_BROKEN_CODE = "broken"


@workflow.defn(name="OrderWorkflow")
class BrokenOrderWorkflow:
    """The order workflow after a bad deploy."""

    @workflow.run
    async def run(self, _order: dict[str, Any]) -> None:
        raise LookupError("a new version\nthat does not work")


@activity.defn
async def settle_try(_own: TryToSettle) -> SettledTry:
    return SettledTry()


@activity.defn
async def send_cancellation(mail: Mail) -> MailReceipt:
    return MailReceipt(message_id=mail.idempotency_key)


@activity.defn
async def archive_order(_order: OrderToArchive) -> ArchiveReceipt:
    return ArchiveReceipt(written=True)


def stuck(shop: Terminal) -> dict[str, dict[str, Any]]:
    """Return the runs that are listed as stuck, by workflow id."""
    answer = shop.starter("list", "--stuck", "--json")
    # A task queue that nobody serves is listed, too.
    assert (answer.code, answer.err) == (1 if answer.objects else 0, "")
    return {said["workflow_id"]: said for said in answer.objects if "workflow_id" in said}


def test_a_refund_that_keeps_failing_says_so(shop: Terminal) -> None:
    nothing_in_stock = [{"sku": "sku-out-of-stock", "quantity": 1, "unit_price_cents": 2900}]
    shop.order(order_document("patient", cents=64_000))
    shop.order(
        order_document("owed", payment_token="tok_refund_fail_503_99", items=nothing_in_stock)
    )
    shop.until("order-patient", status="awaiting_approval")

    def waits_for_its_next_try(found: dict[str, dict[str, Any]]) -> bool:
        return any(refund["next_try"] for refund in found.get("order-owed", {}).get("failing", ()))

    found = eventually(lambda: stuck(shop), waits_for_its_next_try)

    assert "order-patient" not in found
    run = found["order-owed"]
    (refund,) = run["failing"]
    assert run["status"] == "compensating"
    assert (refund["task"], refund["max_attempts"]) == ("refund_payment", None)
    assert refund["attempt"] >= 2
    assert "503" in refund["last_error"]
    assert dt.datetime.fromisoformat(refund["next_try"]).tzinfo is not None

    said = shop.starter("list", "--stuck")
    assert said.code == 1, "so that a job can ask it and call somebody"
    assert "order-owed: compensating\n  refund_payment: attempt " in said.out
    assert "503" in said.out
    assert said.err.startswith("1 stuck of 1 run at work; runs that wait for a person or a date")
    assert "\n  refund_payment: attempt " in shop.starter("list", "--kind", "order").out


async def test_code_that_fails_on_a_run_says_so(
    shop: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await shop.connect()
    order = Order.model_validate(order_document("redeployed", cents=64_000))
    await start_order(client, order, QUEUE_OF_BROKEN_CODE)
    async with Worker(
        client,
        task_queue=QUEUE_OF_BROKEN_CODE,
        workflows=[BrokenOrderWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        found = await asyncio.to_thread(
            lambda: eventually(lambda: stuck(shop), lambda found: "order-redeployed" in found)
        )
        status = await asyncio.to_thread(shop.starter, "status", "redeployed")
        cancelled = await asyncio.to_thread(shop.starter, "cancel", "redeployed")
        # A question that waits for the next try is given up before that is made.
        monkeypatch.setattr("service.calls.ANSWER_SECONDS", 0.0)
        with pytest.raises(RunCodeFails):
            await (await find_run(client, "order-redeployed")).state()

    (code,) = found["order-redeployed"]["failing"]
    assert (code["task"], code["attempt"] >= 2) == ("workflow task", True)
    assert code["last_error"] == (
        "workflow worker unhandled failure: a new version that does not work"
    )
    assert (status.code, status.out) == (1, "")
    assert status.err.startswith("error: order-redeployed cannot answer: workflow task: attempt ")
    assert status.err.endswith(": a new version that does not work\n")
    assert cancelled.code == 1
    assert "its code fails; it was sent, and takes effect as soon as the run goes on" in (
        cancelled.err
    )
    async with Worker(
        client,
        task_queue=QUEUE_OF_BROKEN_CODE,
        workflows=[OrderWorkflow],
        activities=[settle_try, send_cancellation, archive_order],
        workflow_runner=UnversionedRunner(),
    ):
        handle = client.get_workflow_handle("order-redeployed")
        with pytest.raises(WorkflowFailureError) as ended:
            await asyncio.wait_for(handle.result(), DEADLINE_SECONDS)
    assert isinstance(ended.value.cause, CancelledError)


async def test_a_queue_that_no_worker_serves_is_named(
    shop: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runs.stuck.BACKLOG_SECONDS", 0.0)
    settings = shop.stack.settings.model_copy(update={"task_queue": "unserved"})
    client = await shop.connect()
    for number in (1, 2):
        order = Order.model_validate(order_document(f"unserved-{number}"))
        await start_order(client, order, settings.task_queue)

    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            waiting = await backlogs(client, settings)
            if waiting and waiting[0].waiting == 2:
                break
            await asyncio.sleep(LOOK_SECONDS)

    assert [(queue.task_queue, queue.seconds > 0) for queue in waiting] == [("unserved", True)]
