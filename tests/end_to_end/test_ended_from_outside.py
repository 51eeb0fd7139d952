"""Runs that somebody terminated, on a real server: what they owe is said, and nothing else."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from service.runs.find import find_run
from service.status import standing
from tests.end_to_end.test_forgotten_orders import forget
from tests.support.desk import Desk, Objects, eventually
from tests.support.terminal import DEADLINE_SECONDS, Terminal, order_document


async def ended_while_refunding(desk: Desk, shop: Terminal, tmp_path: Path, order_id: str) -> None:
    """Terminate an order whose refund is pending, and is asked about again and again."""
    file = tmp_path / f"{order_id}.json"
    file.write_text(json.dumps(order_document(order_id, payment_token="tok_refund_pending_600000")))
    await desk.run("order", str(file))
    await asyncio.to_thread(shop.until, f"order-{order_id}", status="waiting_for_business_day")
    run = (await desk.client()).get_workflow_handle(f"order-{order_id}")
    await run.cancel()

    async def status() -> dict[str, Any]:
        (stands,) = await desk.objects("status", order_id)
        return stands

    await eventually(status, lambda stands: "next try in" in " ".join(stands["pending"]))
    await run.terminate(reason="enough")
    with pytest.raises(WorkflowFailureError):
        await run.result()


async def test_a_terminated_order_waits_for_nothing_and_says_what_it_owes(
    desk: Desk, shop: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ended_while_refunding(desk, shop, tmp_path, "halted")

    async def listed() -> Objects:
        rows = await desk.objects("list", "--ended", "--status", "terminated")
        return [row for row in rows if row["workflow_id"] == "order-halted"]

    (row,) = await eventually(listed, bool)
    (status,) = await desk.objects("status", "halted")

    assert (row["failing"], status["pending"]) == ([], [])
    pending, last_error = status["owed"]
    assert pending.startswith("the refund ref_")
    assert pending.endswith(" of 29.00 USD is still pending")
    assert last_error.startswith("refund_payment failed last, at attempt ")
    findings = await desk.objects("audit")
    (found,) = [
        one
        for one in findings
        if (one.get("finding"), one.get("about")) == ("refund_pending", "order-halted")
    ]
    assert "is pending, and no run follows it any more: audit again" in found["words"]

    monkeypatch.setenv("PROVIDER_API_URL", "http://127.0.0.1:1")
    (silent,) = await desk.objects("status", "halted")
    assert silent["owed"][0].startswith("29.00 USD were charged as txn_")

    await desk.objects("archive")
    client = await desk.client()
    await forget(client, "order-halted")
    (forgotten,) = await desk.objects("status", "halted")
    assert (forgotten["status"], forgotten["ui"]) == ("terminated", None)
    assert forgotten["owed"] == silent["owed"][:1]
    _, said, _ = await desk.run("status", "halted")
    assert "  still owed   29.00 USD were charged as txn_" in said


async def test_stock_that_came_after_the_end_is_said_by_who_holds_it(
    desk: Desk, shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "late.json"
    file.write_text(json.dumps(order_document("late", payment_token="tok_visa")))
    await desk.run("order", str(file))
    await asyncio.to_thread(shop.until, "order-late", status="waiting_for_business_day")
    client = await desk.client()
    run = client.get_workflow_handle("order-late")
    await run.terminate()
    with pytest.raises(WorkflowFailureError):
        await run.result()

    stands = await standing(client, "late", shop.stack.settings)

    assert (await find_run(client, "late")).pending == []
    charged, held = stands.owed
    assert charged.endswith(" are not refunded")
    assert held.endswith(" still holds stock")


async def test_a_mail_that_was_started_with_nonsense_is_nobodys(desk: Desk, shop: Terminal) -> None:
    *_, before = await desk.objects("audit")
    client = await desk.client()
    for workflow_id in ("mail-x", "mail-order-nobody-confirm"):
        run = await client.start_workflow(
            "MailWorkflow",
            {"a": 1},
            id=workflow_id,
            task_queue=shop.stack.settings.task_queue,
        )
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(run.result(), DEADLINE_SECONDS)

    async def listed() -> Objects:
        rows = await desk.objects("list", "--kind", "mail")
        return [row for row in rows if row["workflow_id"] == "mail-order-nobody-confirm"]

    await eventually(listed, bool)
    *_, after = await desk.objects("audit")
    assert after["untold"] == before["untold"]
