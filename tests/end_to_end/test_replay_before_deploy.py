"""``starter.py replay`` beside open runs of a real server: fit code passes, other code is named."""

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError
from temporalio import workflow
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from service.runs import replaying
from service.runs.executions import Execution, list_executions
from tests.record_histories import HISTORIES
from tests.support.desk import Desk
from tests.support.terminal import Terminal, order_document
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow


@workflow.defn(name="OrderWorkflow", failure_exception_types=[ValidationError])
class AsksTheWarehouseFirst(OrderWorkflow):
    """The order workflow after a change that nothing guards: one activity more."""

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(*given)

    @workflow.run
    async def run(self, *given: object) -> Any:
        await workflow.execute_activity(
            "ask_the_warehouse", schedule_to_close_timeout=dt.timedelta(seconds=1)
        )
        return await super().run(*given)


AsksTheWarehouseFirst.__name__ = OrderWorkflow.__name__  # by which open runs are listed


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay against code that asks for other steps of an order."""
    code = (AsksTheWarehouseFirst, ReceiptWorkflow, MailWorkflow)
    monkeypatch.setattr(replaying, "WORKFLOWS", code)


@pytest.fixture(scope="module")
def waiting(shop: Terminal, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Start runs that wait for different things; return their workflow ids, oldest first."""
    shop.order(order_document("replay-approval", cents=64_000))
    shop.order(order_document("replay-waiting"))
    shop.order(order_document("replay-paused", cents=64_000))
    shop.order(order_document("replay-failing", payment_token="tok_fail_503_99"))
    shop.starter("pause", "replay-paused")
    picture = tmp_path_factory.mktemp("replay") / "blank.png"
    Image.new("RGB", (90, 61), "navy").save(picture)
    receipt = shop.starter("receipt", str(picture), "--user", "replay", "--json").object
    shop.until("order-replay-approval", status="awaiting_approval")
    shop.until("order-replay-waiting", status="waiting_for_business_day")
    shop.until("order-replay-paused", paused=True)
    shop.until(receipt["workflow_id"], status="needs_review")
    names = ("approval", "waiting", "paused", "failing")
    return [*(f"order-replay-{name}" for name in names), receipt["workflow_id"]]


def of(workflow_ids: Sequence[str]) -> tuple[str, str]:
    """Return the options that choose these runs."""
    names = ", ".join(f"'{name}'" for name in workflow_ids)
    return "--query", f"WorkflowId IN ({names})"


def test_every_open_run_replays_against_this_checkout(shop: Terminal, waiting: list[str]) -> None:
    answer = shop.starter("replay")

    assert (answer.code, answer.err) == (0, ""), answer
    replayed = re.fullmatch(r"(\d+) runs replayed: 0 would break(, \d+ ended .*)?\n", answer.out)
    assert replayed, answer
    assert int(replayed[1]) >= len(waiting)


@pytest.mark.usefixtures("changed")
async def test_each_run_that_would_break_is_named_with_what_differs(
    desk: Desk, waiting: list[str]
) -> None:
    code, out, err = await desk.run("replay", *of(waiting))

    *broken, counted = out.splitlines()
    assert (code, err) == (1, "")
    assert counted == "5 runs replayed: 4 would break"
    lines = [re.fullmatch(r"(\S+) \(run [-0-9a-f]{36}\): (.+)", line) for line in broken]
    assert {line[1] for line in lines if line} == set(waiting[:4])
    reasons = {line[1]: line[2] for line in lines if line}
    assert "does not match" in reasons["order-replay-waiting"]
    assert not any("TMPRL" in reason or "Failure {" in reason for reason in reasons.values())

    *objects, sums = await desk.objects("replay", *of(waiting))
    assert sums == {"replays": 1, "breaks": 4, "unreadable": 0, "ended": 0}
    assert {found["workflow_id"]: found["reason"] for found in objects} == reasons


@pytest.mark.usefixtures("changed")
async def test_runs_that_only_wait_and_whose_code_would_fail_are_stuck(
    desk: Desk, waiting: list[str]
) -> None:
    only = ("order-replay-approval", "order-replay-waiting", "order-replay-paused")
    said = await desk.objects("list", "--stuck")

    later = {one["workflow_id"]: one["would_fail"] for one in said if "would_fail" in one}
    assert set(only) <= later.keys()
    assert waiting[-1] not in later, "a receipt's code has not changed"
    assert "does not match" in later["order-replay-waiting"]
    code, out, err = await desk.run("list", "--stuck")
    assert code == 1
    assert "order-replay-waiting: waits, and its code would fail when it wakes\n" in out
    assert f"{len(later)} of " in err


@pytest.mark.usefixtures("changed")
async def test_a_sample_is_chosen_evenly(desk: Desk, waiting: list[str]) -> None:
    code, out, err = await desk.run("replay", "--sample", "2", *of(waiting[:4]))

    # Of the newest two one, and of the oldest two one.
    chosen = [line.partition(" ")[0] for line in out.splitlines()[:-1]]
    assert (code, chosen) == (1, ["order-replay-paused", "order-replay-approval"])
    assert err == "2 of 4 runs, chosen evenly from the newest to the oldest\n"


async def test_a_run_that_ended_or_vanished_meanwhile_is_no_fault(
    desk: Desk, shop: Terminal, waiting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(
        shop.ended_order, order_document("replay-ended", payment_token="tok_declined")
    )

    async def as_seen_before(client: Any, query: str) -> AsyncIterator[Execution]:
        async for run in list_executions(client, query):
            yield replace(run, closed_at=None)
            yield replace(run, run_id="0" * 8 + run.run_id[8:])

    monkeypatch.setattr(replaying, "list_executions", as_seen_before)

    code, out, _ = await desk.run("replay", *of([*waiting, "order-replay-ended"]))

    assert (code, out) == (0, "5 runs replayed: 0 would break, 7 ended meanwhile\n")


async def test_a_history_that_the_server_cannot_give_names_itself(
    desk: Desk, waiting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = WorkflowHandle.fetch_history
    lost = {
        waiting[0]: RPCError("corrupted history", RPCStatusCode.DATA_LOSS, b""),
        waiting[1]: RPCError("shard is\nlost", RPCStatusCode.UNAVAILABLE, b""),
    }

    async def fetch(run: WorkflowHandle[Any, Any], **options: Any) -> WorkflowHistory:
        if run.id in lost:
            raise lost[run.id]
        return await whole(run, **options)

    monkeypatch.setattr(WorkflowHandle, "fetch_history", fetch)

    code, out, _ = await desk.run("replay", *of(waiting))

    *lines, counted = out.splitlines()
    assert (code, counted) == (1, "3 runs replayed: 0 would break, 2 more could not be read")
    reasons = {line.partition(" ")[0]: line.partition("): ")[2] for line in lines}
    assert reasons[waiting[0]] == "cannot be read: corrupted history"
    assert reasons[waiting[1]].endswith("shard is lost")


def test_a_run_that_begins_later_is_fit(shop: Terminal) -> None:
    begun = shop.temporal(
        *("workflow", "start", "--type", "OrderWorkflow", "--start-delay", "1h"),
        *("--task-queue", shop.stack.settings.task_queue, "--workflow-id", "order-replay-later"),
        *("--address", shop.stack.temporal_address, "--input", "{}"),
    )
    assert begun.code == 0, begun

    answer = shop.starter("replay", *of(["order-replay-later"]))

    assert (answer.code, answer.out) == (0, "1 run replayed: 0 would break\n")


def test_recorded_histories_need_no_temporal(shop: Terminal, tmp_path: Path) -> None:
    for name in ("order_declined", "receipt_mail_handed_over"):
        (tmp_path / f"{name}.json").write_bytes((HISTORIES / f"{name}.json").read_bytes())
    away = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}

    fit = shop.starter("replay", "--histories", str(tmp_path), **away)
    declined = (tmp_path / "order_declined.json").read_text()
    other = declined.replace('"charge_payment"', '"reserve_inventory"')
    (tmp_path / "other.json").write_text(other)
    (tmp_path / "none.json").write_text("[]")
    unfit = shop.starter("replay", "--histories", str(tmp_path), "--json", **away)

    assert (fit.code, fit.out) == (0, "2 runs replayed: 0 would break\n")
    assert (unfit.code, unfit.err) == (1, "")
    unreadable, breaks, sums = unfit.objects
    assert (unreadable["workflow_id"], unreadable["outcome"]) == ("none", "unreadable")
    assert breaks["reason"] == (
        "Activity type of scheduled event 'reserve_inventory' does not match activity type of "
        "activity command 'charge_payment'"
    )
    assert sums == {"replays": 2, "breaks": 1, "unreadable": 1, "ended": 0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--query", "no query"), "error: --query cannot be used: "),
        (("--sample", "0"), "error: --sample is 0: it must be 1 or more\n"),
        (("--histories", "/nowhere"), "error: --histories is '/nowhere': no *.json is in it\n"),
        (("--histories", "x", "--sample", "1"), "error: --histories excludes --sample and --query"),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_what_cannot_be_chosen_is_said(shop: Terminal, options: tuple[str, ...], said: str) -> None:
    answer = shop.starter("replay", *options)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(said)


def test_without_temporal_the_exit_code_says_so(shop: Terminal) -> None:
    answer = shop.starter("replay", "--json", TEMPORAL_ADDRESS="127.0.0.1:1")

    assert answer.code == 3
    assert json.loads(answer.out)["error"].startswith("no Temporal server answers at 127.0.0.1:1")
