"""Runs started by hand under an id in use, on a real server: what they hide, which is nothing."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.end_to_end.test_forgotten_orders import about, forget
from tests.support.bare import NOBODY, Start
from tests.support.desk import Desk, Objects, eventually
from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import DEADLINE_SECONDS, order_document


def bare_starts(order_id: str) -> list[tuple[Any, ...]]:
    """Return the type and input of runs that do nothing under an order's id."""
    return [
        ("OrderWorkflow",),
        ("OrderWorkflow", {}),
        ("OrderWorkflow", {**order_document(order_id), "try_number": 0}),
        ("ReceiptWorkflow",),
        ("Foo",),
        ("OrderWorkflow",),
    ]


def document_of(tmp_path: Path, order_id: str, **changes: Any) -> str:
    file = tmp_path / f"{order_id}.json"
    file.write_text(json.dumps(order_document(order_id, **changes)))
    return str(file)


async def end_of(client: Client, workflow_id: str) -> Any:
    return await asyncio.wait_for(
        client.get_workflow_handle(workflow_id).result(), DEADLINE_SECONDS
    )


@pytest.mark.parametrize("is_forgotten", [True, False])
async def test_bare_starts_do_not_hide_an_order_that_is_completed(
    desk: Desk, start_bare: Start, tmp_path: Path, is_forgotten: bool
) -> None:
    order_id = f"bare-{is_forgotten}".lower()
    workflow_id, file = f"order-{order_id}", document_of(tmp_path, order_id)
    await desk.run("order", file)
    await desk.run("expedite", order_id)
    client = await desk.client()
    result = await end_of(client, workflow_id)
    if is_forgotten:
        await forget(client, workflow_id)

    async def listed() -> Objects:
        return await desk.objects("list", "--ended", "--status", "completed", "--kind", "order")

    def is_listed(rows: Objects) -> bool:
        return any(row["workflow_id"] == workflow_id for row in rows)

    await eventually(listed, is_listed)
    # What is no order's input is refused alike, whether or not Temporal knows the order.
    for bare in bare_starts(order_id)[0 if is_forgotten else 2 :]:
        await start_bare(workflow_id, *bare)
        (status,) = await desk.objects("status", order_id)
        assert (status["status"], status["shipment_id"]) == ("completed", result["shipment_id"])
        (joined,) = await desk.objects("order", file)
        assert (joined["joined"], joined["ended"]) == (True, "completed")
        code, _, err = await desk.run("retry", order_id, "--payment-token", "tok_visa")
        assert (code, "cannot be tried again: it was shipped as shp_" in err) == (2, True), err
    assert is_listed(await listed())
    assert workflow_id not in {one["workflow_id"] for one in await desk.objects("archive")}
    assert await about(desk, workflow_id) == []


async def test_bare_starts_do_not_hide_a_declined_order_which_is_tried_again(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    file = document_of(tmp_path, "bare-declined", payment_token="tok_declined")
    await desk.run("order", file, "--wait")
    again = ("retry", "bare-declined", "--payment-token", "tok_visa")
    for bare in bare_starts("bare-declined"):
        await start_bare("order-bare-declined", *bare)
        code, said, err = await desk.run(*again)
        assert (code, "try 2 would start, after payment_failed\n" in said) == (0, True), err
    await start_bare("order-bare-declined", "Foo")

    (started,) = await desk.objects(*again, "--yes")

    assert (started["started"], started["try_number"]) == (True, 2)
    (joined,) = await desk.objects("order", file)
    assert (joined["joined"], joined["run_id"]) == (True, started["run_id"])
    await desk.run("cancel", "bare-declined")


async def test_a_forgotten_order_behind_a_run_of_another_type_is_tried_again(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    file = document_of(tmp_path, "bare-gone", payment_token="tok_declined")
    await desk.run("order", file, "--wait")
    await forget(await desk.client(), "order-bare-gone")
    await start_bare("order-bare-gone", "Foo")

    (started,) = await desk.objects("retry", "bare-gone", "--payment-token", "tok_visa", "--yes")

    assert (started["started"], started["try_number"]) == (True, 2)
    await desk.run("cancel", "bare-gone")


async def test_the_audit_finds_the_terminated_order_behind_a_bare_start(
    desk: Desk, start_bare: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_QUEUE", NOBODY)
    await desk.run("order", document_of(tmp_path, "bare-ended"))
    client = await desk.client()
    await client.get_workflow_handle("order-bare-ended").terminate(reason="not wanted")
    for bare in (("ReceiptWorkflow",), ("OrderWorkflow",)):
        await start_bare("order-bare-ended", *bare)

    async def found() -> list[str]:
        return await about(desk, "order-bare-ended")

    assert await eventually(found, bool) == ["not_archived"]
    written = {one["workflow_id"]: one for one in await desk.objects("archive")}
    assert written["order-bare-ended"]["result"]["status"] == "terminated"
    assert await found() == []


async def test_what_never_was_an_order_is_said_so(desk: Desk, start_bare: Start) -> None:
    await start_bare("order-bare-foo", "Foo")
    code, _, err = await desk.run("status", "bare-foo")
    assert code == 2
    assert err.startswith("error: there is no run 'order-bare-foo' but one of Foo, which is over")
    await start_bare("order-bare-none", "OrderWorkflow")
    code, _, err = await desk.run("status", "bare-none")
    assert code == 1
    assert err.startswith("error: order-bare-none is over (failed): one Order is needed as input")


async def test_bare_starts_hide_no_receipt_and_tell_of_no_mail(
    desk: Desk, start_bare: Start, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt())
    submit = ("receipt", str(file), "--user", "bare")
    started, *_ = await desk.objects(*submit, "--wait")
    receipt_id = started["workflow_id"]
    starts: list[tuple[Any, ...]] = [("ReceiptWorkflow",), ("OrderWorkflow",), ("Foo",)]
    for bare in [*starts, ("ReceiptWorkflow", {})]:
        await start_bare(receipt_id, *bare)
        (status,) = await desk.objects("status", receipt_id)
        assert status["status"] == "completed"
        code, _, err = await desk.run("retry", receipt_id)
        assert (code, "it is completed, with expense" in err) == (2, True), err
    assert await about(desk, receipt_id) == []

    await start_bare("mail-order-bare-confirm", "MailWorkflow")
    await start_bare("order-bare-receipt", "ReceiptWorkflow", {})

    async def failed() -> Objects:
        return await desk.objects("list", "--ended")

    await eventually(
        failed, lambda rows: any(row["workflow_id"] == "order-bare-receipt" for row in rows)
    )
    await start_bare("receipt-bare-none", "ReceiptWorkflow")
    await eventually(
        failed, lambda rows: any(row["workflow_id"] == "receipt-bare-none" for row in rows)
    )
    code, out, err = await desk.run("retry", "--failed")
    assert (code, "bare" in out + err) == (0, False), out + err
    untold = await desk.objects("list", "--untold")
    assert not any(mail["mail"] == "mail-order-bare-confirm" for mail in untold)
