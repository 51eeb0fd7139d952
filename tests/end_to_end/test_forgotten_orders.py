"""Orders that Temporal has forgotten, on a real server: the archive answers in its place."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from tests.support.desk import Desk, Objects, eventually
from tests.support.terminal import DEADLINE_SECONDS, Terminal, order_document

NOBODY = "nobody-serves-it"


async def forget(client: Client, workflow_id: str) -> None:
    """Delete a run, as Temporal itself does when its retention is over."""
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        )
    )

    async def is_gone() -> bool:
        try:
            await client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND
        return False

    await eventually(is_gone, bool)


@pytest.fixture
def document(tmp_path: Any) -> Callable[..., str]:
    """Return a function that writes an order's document and returns its file."""

    def write(order_id: str, **changes: Any) -> str:
        file = tmp_path / f"{order_id}.json"
        file.write_text(json.dumps(order_document(order_id, **changes)))
        return str(file)

    return write


async def test_an_order_is_remembered_when_temporal_has_forgotten_it(
    desk: Desk, document: Callable[..., str]
) -> None:
    file = document("old", payment_token="tok_declined")
    code, said, _ = await desk.run("order", file, "--wait")
    assert code == 0
    client = await desk.client()
    await forget(client, "order-old")

    code, said, _ = await desk.run("order", file, "--wait")
    assert code == 0
    assert said.startswith("joined order-old (29.00 USD), which is over: payment_failed\n")
    assert "from the archive: Temporal has forgotten its run" in said
    assert "reason       the card was declined" in said

    other_file = document("old", payment_token="tok_declined", cents=3_000)
    other = await desk.run("order", other_file)
    other_card = await desk.run("order", document("old", payment_token="tok_visa"))
    refused = "error: order id 'old' was used before for other content (other {}): submit the "
    assert (other[0], other[2][: len(refused) + 3]) == (2, refused.format("items"))
    assert other_card[2].startswith(refused.format("payment_token"))

    for name in ("old", "order-old"):
        (status,) = await desk.objects("status", name)
        assert (status["status"], status["step"]) == ("payment_failed", "charge")
        assert (status["workflow_id"], status["ui"], status["owed"]) == ("order-old", None, [])

    async def listed() -> Objects:
        return await desk.objects("list", "--ended", "--status", "payment_failed")

    rows = await eventually(
        listed, lambda found: any(r["workflow_id"] == "order-old" for r in found)
    )
    (row,) = (row for row in rows if row["workflow_id"] == "order-old")
    assert (row["is_forgotten"], row["ui"], row["total_cents"]) == (True, None, 2900)
    *_, summary = await desk.objects("audit")
    assert summary["archived_orders"] >= 1


async def test_a_forgotten_order_is_tried_again_with_a_payment_token(
    desk: Desk, document: Callable[..., str]
) -> None:
    file = document("long-ago", payment_token="tok_declined")
    await desk.run("order", file, "--wait")
    client = await desk.client()
    await forget(client, "order-long-ago")

    code, _, err = await desk.run("retry", "long-ago", "--yes")
    assert (code, err) == (
        2,
        "error: order-long-ago cannot be tried again: Temporal has forgotten its run, and the "
        "archive has no payment token: give one\n",
    )
    code, said, _ = await desk.run("retry", "long-ago", "--payment-token", "tok_visa")
    assert code == 0
    assert "try 2 would start, after payment_failed\n" in said
    assert "from the archive: Temporal has forgotten its run; nothing was started" in said
    again = ("retry", "long-ago", "--payment-token", "tok_visa", "--yes")
    (started,) = await desk.objects(*again)
    assert (started["started"], started["try_number"]) == (True, 2)

    (joined,) = await desk.objects("order", file)
    assert (joined["joined"], joined["run_id"]) == (True, started["run_id"])
    await desk.run("expedite", "long-ago")
    await asyncio.wait_for(client.get_workflow_handle("order-long-ago").result(), DEADLINE_SECONDS)
    await forget(client, "order-long-ago")
    for token in ("tok_declined", "tok_visa"):
        (joined,) = await desk.objects("order", document("long-ago", payment_token=token))
        assert (joined["joined"], joined["ended"]) == (True, "completed")
    code, _, err = await desk.run(*again)
    assert code == 2
    assert err.startswith("error: order-long-ago cannot be tried again: it was shipped as shp_")


async def test_a_terminated_order_is_archived_by_a_command(
    desk: Desk, document: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_QUEUE", NOBODY)
    file = document("ended-by-hand")
    await desk.run("order", file)
    client = await desk.client()
    run = client.get_workflow_handle("order-ended-by-hand")
    await run.terminate(reason="not wanted")
    with pytest.raises(WorkflowFailureError):
        await run.result()

    def about(found: Objects) -> Objects:
        return [one for one in found if one.get("about") == "order-ended-by-hand"]

    findings = await eventually(lambda: desk.objects("audit"), about)
    assert [one["finding"] for one in about(findings)] == ["not_archived"]

    written = await desk.objects("archive")
    assert {"terminated"} == {
        one["result"]["status"] for one in written if one["workflow_id"] == "order-ended-by-hand"
    }
    assert not any(
        one["workflow_id"] == "order-ended-by-hand" for one in await desk.objects("archive")
    )
    assert about(await desk.objects("audit")) == []

    await forget(client, "order-ended-by-hand")
    code, said, _ = await desk.run("order", file, "--wait")
    assert code == 1
    assert "which is over: terminated\n" in said
    assert "reason       not wanted" in said


async def test_a_batch_joins_what_is_archived_and_starts_the_rest(
    desk: Desk, document: Callable[..., str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    declined: dict[str, Any] = {"payment_token": "tok_declined"}
    await desk.run("order", document("batched-0", **declined), "--wait")
    await forget(await desk.client(), "order-batched-0")
    monkeypatch.setenv("TASK_QUEUE", NOBODY)
    file = tmp_path / "orders.jsonl"
    orders = [order_document(f"batched-{number}", **declined) for number in range(3)]
    file.write_text("\n".join(map(json.dumps, orders)))

    assert (await desk.run("order", str(file)))[1] == "3 orders: 2 started, 1 joined\n"


@pytest.mark.parametrize("count", [1, 3])
async def test_a_database_that_does_not_answer_is_one_sentence_and_starts_nothing(
    desk: Desk, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:hidden-word@127.0.0.1:1/x")
    monkeypatch.setenv("TASK_QUEUE", NOBODY)
    file = tmp_path / "orders.jsonl"
    orders = [order_document(f"unasked-{count}-{number}") for number in range(count)]
    file.write_text("\n".join(map(json.dumps, orders)))

    code, out, err = await desk.run("order", str(file))

    assert (code, out) == (3, "")
    assert err.startswith("error: could not look up orders in postgresql://ada@127")
    assert err.endswith("; start that database or set DATABASE_URL\n")
    assert err.count("\n") == 1
    client = await desk.client()
    with pytest.raises(RPCError, match="not found"):
        await client.get_workflow_handle(f"order-unasked-{count}-0").describe()


async def test_ended_and_open_are_no_status_together(desk: Desk) -> None:
    code, _, err = await desk.run("list", "--ended", "--status", "running")
    assert code == 2
    assert err == "error: status is 'running': a run that has ended has a final status\n"


async def start_by_hand(desk: Desk, document: dict[str, Any], queue: str) -> str:
    """Start an order's run as ``temporal workflow start`` does; return how it failed."""
    client = await desk.client()
    run = await client.start_workflow(
        "OrderWorkflow",
        # In plain text, which the tests of secrets would find in the history.
        {**document, "payment_token": "card-by-hand"},
        id=f"order-{document['order_id']}",
        task_queue=queue,
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(run.result(), DEADLINE_SECONDS)
    assert isinstance(failed.value.cause, ApplicationError)
    return str(failed.value.cause.type)


async def about(desk: Desk, workflow_id: str) -> list[str]:
    """Return the kinds of what the audit finds about an order."""
    found = await desk.objects("audit")
    return [one["finding"] for one in found if one.get("about") == workflow_id]


@pytest.mark.parametrize("is_forgotten", [True, False])
async def test_a_run_that_is_started_by_hand_does_not_stand_for_the_order_that_has_ended(
    desk: Desk, shop: Terminal, document: Callable[..., str], is_forgotten: bool
) -> None:
    order_id = f"by-hand-{is_forgotten}".lower()
    workflow_id, file = f"order-{order_id}", document(order_id)
    await desk.run("order", file)
    await desk.run("expedite", order_id)
    client = await desk.client()
    result = await asyncio.wait_for(
        client.get_workflow_handle(workflow_id).result(), DEADLINE_SECONDS
    )
    if is_forgotten:
        await forget(client, workflow_id)
    other_content = order_document(order_id, cents=3_000)
    queue = shop.stack.settings.task_queue

    failures = [
        await start_by_hand(desk, other_content, queue),
        await start_by_hand(desk, {**order_document(order_id), "try_number": 2}, queue),
    ]

    assert failures == ["OrderHasEnded", "EarlierTryShipped"]
    (status,) = await desk.objects("status", order_id)
    assert (status["status"], status["shipment_id"]) == ("completed", result["shipment_id"])
    assert status["refused"]["reason"].startswith("nothing was done: try 1 was shipped as shp_")
    assert (status["ui"] is None) == is_forgotten
    code, said, _ = await desk.run("status", order_id)
    assert (code, "  a later run  nothing was done: " in said) == (0, True)
    (joined,) = await desk.objects("order", file)
    assert (joined["joined"], joined["ended"]) == (True, "completed")
    code, _, err = await desk.run("retry", order_id, "--payment-token", "tok_visa")
    assert (code, "cannot be tried again: it was shipped as shp_" in err) == (2, True)

    async def listed() -> Objects:
        return await desk.objects("list", "--ended", "--status", "completed", "--kind", "order")

    await eventually(listed, lambda rows: any(r["workflow_id"] == workflow_id for r in rows))
    archived = await desk.objects("archive")
    assert workflow_id not in {one["workflow_id"] for one in archived}
    assert await about(desk, workflow_id) == []
