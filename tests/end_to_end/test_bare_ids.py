"""Runs by hand that did nothing: they use up no id, and what is over says its own end."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError

from config import Settings
from models import Order
from service.calls import connect
from service.orders.start import start_order
from service.submission import Started
from tests.end_to_end.test_bare_starts import document_of, end_of
from tests.end_to_end.test_forgotten_orders import forget
from tests.support.bare import NOBODY, Start
from tests.support.desk import Desk, Objects, eventually
from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import order_document


async def forget_each(client: Client, workflow_id: str) -> None:
    """Delete all runs of an id, the latest last."""
    runs = [run async for run in client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    latest = (await client.get_workflow_handle(workflow_id).describe()).run_id
    for run in runs:
        if run.run_id != latest:
            execution = WorkflowExecution(workflow_id=workflow_id, run_id=run.run_id)
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=client.namespace, workflow_execution=execution
                )
            )
    await forget(client, workflow_id)

    async def listed() -> int:
        return (await client.count_workflows(f"WorkflowId = '{workflow_id}'")).count

    await eventually(listed, lambda count: count == 0)


CHANGES = {
    "pause": "paused",
    "resume": "resumed",
    "expedite": "expedited",
    "approve": "approved",
    "reject": "rejected",
    "cancel": "cancelled",
    "tell": "told of again",
}


async def test_what_is_over_is_changed_no_more_and_says_its_own_end(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    """While Temporal knows the order, when a run by hand is all it knows, and when nothing is."""
    client = await desk.client()
    await desk.run("order", document_of(tmp_path, "bare-over"))
    await desk.run("expedite", "bare-over")
    await end_of(client, "order-bare-over")

    async def requires(*commands: str, why: str) -> None:
        for command in commands:
            code, _, err = await desk.run(command, "bare-over")
            said = f"order-bare-over cannot be {CHANGES[command]}: it is over (completed){why}"
            assert (code, said in err) == (2, True), err

    await start_bare("order-bare-over", "OrderWorkflow")
    # A plain signal, a decision, a cancel, and a mail: each has a way of its own.
    await requires("pause", "approve", "cancel", why="")
    forgotten = ", and Temporal has forgotten its run"
    await forget_each(client, "order-bare-over")
    await requires("expedite", "reject", "cancel", "tell", why=forgotten)
    await start_bare("order-bare-over", "OrderWorkflow")
    await requires(*CHANGES, why=forgotten)
    code, _, err = await desk.run("cancel", "bare-nobody")
    assert (code, err.startswith("error: there is no run 'bare-nobody'")) == (2, True), err


UNUSED: dict[str, tuple[Any, ...]] = {
    "none": ("OrderWorkflow",),
    "two": ("OrderWorkflow", {}, {}),
    "text": ("OrderWorkflow", "payment_token"),
    "other": ("OrderWorkflow", order_document("bare-another-id")),
    "foo": ("Foo",),
}


async def test_bare_starts_use_up_no_order_id(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    ids = [f"bare-unused-{name}" for name in UNUSED]
    for order_id, (name, given) in zip(ids, UNUSED.items(), strict=True):
        await start_bare(f"order-{order_id}", *given)
        code, _, err = await desk.run("retry", order_id)
        assert (code, "submit it" in err or name == "foo") == (2, True), err

    client = await connect(Settings())
    told = await asyncio.gather(*(submitted(client, one) for one in ids for _ in range(5)))

    for first in range(0, len(told), 5):
        of_one = told[first : first + 5]
        assert sorted(one.joined for one in of_one) == [False, True, True, True, True]
        assert len({one.run_id for one in of_one}) == 1
    beside = [f"{order_id}-beside" for order_id in ids]
    batch = await desk.objects("order", *(document_of(tmp_path, one) for one in (*ids, *beside)))
    assert {one["workflow_id"]: one["joined"] for one in batch} == {
        **{f"order-{order_id}": True for order_id in ids},
        **{f"order-{order_id}": False for order_id in beside},
    }
    for order_id in ids:
        await client.get_workflow_handle(f"order-{order_id}").signal("expedite")
        assert (await end_of(client, f"order-{order_id}"))["status"] == "completed"
        await client.get_workflow_handle(f"order-{order_id}-beside").cancel()


async def submitted(client: Client, order_id: str) -> Started:
    order = Order.model_validate(order_document(order_id))
    return await start_order(client, order, Settings().task_queue)


async def test_an_order_id_that_an_open_run_of_another_type_has_is_said_so(
    desk: Desk, tmp_path: Path
) -> None:
    client, file = await desk.client(), document_of(tmp_path, "bare-taken")
    run = await client.start_workflow("Foo", id="order-bare-taken", task_queue=NOBODY)

    code, _, err = await desk.run("order", file)

    taken = "order-bare-taken is taken by an open run of type Foo that is no order: terminate that"
    assert (code, taken in err) == (2, True), err
    await run.terminate()
    (started,) = await desk.objects("order", file)
    assert not started["joined"]
    await desk.run("cancel", "bare-taken")


async def test_a_receipt_with_the_id_of_another_user_is_not_tried_again(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt())
    started, *_ = await desk.objects("receipt", str(file), "--user", "bob", "--wait")
    bobs = started["workflow_id"]
    (status,) = await desk.objects("status", bobs)
    mallorys = bobs.replace("bob", "mallory")
    given = {name: status[name] for name in ("receipt_id", "object_key")}
    await start_bare(mallorys, "ReceiptWorkflow", {**given, "user_id": "mallory"})

    for agreed in ((), ("--yes",)):
        code, out, err = await desk.run("retry", mallorys, *agreed)
        assert (code, out) == (2, "")
        assert f"{mallorys} cannot be tried again: its input belongs to {bobs}" in err


async def test_the_list_of_what_has_ended_shows_the_end_that_counts(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    client = await desk.client()
    for name in ("kept", "gone"):
        await desk.run("order", document_of(tmp_path, f"bare-list-{name}"))
        await desk.run("cancel", f"bare-list-{name}")
        with pytest.raises(WorkflowFailureError):
            await end_of(client, f"order-bare-list-{name}")
    await forget(client, "order-bare-list-gone")
    for name in ("kept", "gone", "never"):
        await start_bare(f"order-bare-list-{name}", "OrderWorkflow")

    async def listed() -> Objects:
        rows = await desk.objects("list", "--ended", "--kind", "order")
        return [row for row in rows if row["workflow_id"].startswith("order-bare-list-")]

    def has_all(rows: Objects) -> bool:
        return {row["workflow_id"][16:] for row in rows} == {"kept", "gone", "never"}

    rows = await eventually(listed, has_all)
    assert sorted((row["workflow_id"][16:], row["status"]) for row in rows) == [
        ("gone", "cancelled"),
        ("kept", "cancelled"),
        ("never", "failed"),
    ]
    (last,) = await desk.objects("list", "--ended", "--kind", "order", "--limit", "1")
    assert last["workflow_id"] == "order-bare-list-never"
