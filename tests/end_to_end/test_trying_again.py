"""``starter.py retry`` on real parts: dry run, a second try, and everything that refuses one."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.desk import Desk
from tests.support.terminal import (
    Answer,
    Terminal,
    customer,
    eventually,
    meanwhile,
    order_document,
)


def ask(desk: Desk, *arguments: str) -> Answer:
    """Run a command in this process."""
    return Answer(*asyncio.run(desk.run(*arguments)))


def test_a_declined_card_is_tried_again_with_another(shop: Terminal, desk: Desk) -> None:
    document = order_document("again", payment_token="tok_declined")
    assert shop.ended_order(document)["status"] == "payment_failed"

    planned = shop.starter("retry", "again", "--payment-token", "-", stdin="tok_visa\n")
    assert planned.code == 0, planned
    assert planned.out.startswith("order-again: try 2 would start, after payment_failed\n")
    assert "charge       repeated      nothing was charged (" in planned.out
    assert "29.00 USD to another card, key order-again:charge:2\n" in planned.out
    assert planned.out.endswith("; nothing was started: add --yes to do so\n")
    assert shop.state("order-again")["try_number"] == 1

    command = ("retry", "order-again", "--payment-token", "tok_visa", "--yes", "--json")
    both = [meanwhile(lambda: shop.starter(*command)) for _ in range(2)]
    answers = [one.result() for one in both]
    started, late = sorted(answers, key=lambda answer: answer.code)
    assert (started.code, late.code) == (0, 2), answers
    assert started.object["started"] is True
    assert "order-again cannot be tried again: " in late.object["error"]

    joined = shop.order(document)
    assert joined.object["joined"] is True
    assert joined.object["run_id"] == started.object["run_id"]
    shop.until("order-again", status="waiting_for_business_day", try_number=2)
    assert ask(desk, "expedite", "again").code == 0
    result = shop.result("order-again")
    assert (result["status"], result["try_number"]) == ("completed", 2)
    assert shop.keys("charges", "again") == ["order-again:charge:2"]
    assert shop.keys("shipments", "again") == ["order-again:ship:2"]
    subjects = {mail.subject for mail in shop.mails(customer("again"))}
    assert subjects == {"Order again could not be paid", "Order again is on its way"}

    over = ask(desk, "retry", "again")
    assert (over.code, over.out) == (2, "")
    assert over.err.startswith("error: order-again cannot be tried again: it was shipped as shp_")


def test_what_was_refunded_is_charged_anew_and_undone_once_more(shop: Terminal, desk: Desk) -> None:
    document = order_document("twice")
    shop.order(document)
    shop.until("order-twice", status="waiting_for_business_day")
    ask(desk, "cancel", "twice")
    assert shop.closed_as("order-twice") == "CANCELED"

    answer = ask(desk, "retry", "twice", "--yes", "--json")
    assert answer.code == 0, answer
    plans = [(effect["effect"], effect["plan"]) for effect in answer.object["effects"]]
    assert plans[:4] == [
        ("charge", "stays undone"),
        ("charge", "repeated"),
        ("reservation", "stays undone"),
        ("reservation", "repeated"),
    ]
    shop.until("order-twice", status="waiting_for_business_day", try_number=2)
    open_still = ask(desk, "retry", "twice")
    assert open_still.code == 2
    assert open_still.err == "error: order-twice cannot be tried again: it is not over\n"
    ask(desk, "cancel", "twice")
    assert shop.closed_as("order-twice") == "CANCELED"
    assert shop.keys("charges", "twice") == ["order-twice:charge", "order-twice:charge:2"]
    assert shop.keys("refunds", "twice") == ["order-twice:refund", "order-twice:refund:try-2"]
    held = {row["status"] for row in shop.effects("reservations", "twice")}
    assert held == {"released"}


def test_it_is_refused_while_a_call_may_be_on_its_way_and_for_unknown_ids(
    shop: Terminal, desk: Desk
) -> None:
    shop.order(order_document("owing"))
    shop.until("order-owing", status="waiting_for_business_day")
    ended = shop.temporal(
        *("workflow", "terminate", "--workflow-id", "order-owing", "--reason", "a test"),
        *("--address", shop.stack.temporal_address),
    )
    assert ended.code == 0, ended

    at_once = ask(desk, "retry", "owing", "--yes")
    assert at_once.code == 2
    assert "a call of it may still be on its way for " in at_once.err
    unknown = ask(desk, "retry", "no-such-run")
    assert unknown.code == 2
    assert unknown.err.startswith("error: there is no run 'no-such-run'")


def test_failed_receipts_are_tried_again_once_their_file_is_there(
    shop: Terminal, desk: Desk, tmp_path: Path
) -> None:
    picture = tmp_path / "tried-again.png"
    Image.new("L", (64, 64), 123).save(picture)
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    workflow_id = f"receipt-ida-{digest[:16]}"
    receipt = {
        "receipt_id": workflow_id.removeprefix("receipt-"),
        "user_id": "ida",
        "object_key": f"receipts/{digest}.png",
    }
    started = shop.temporal(
        *("workflow", "start", "--type", "ReceiptWorkflow", "--workflow-id", workflow_id),
        *("--task-queue", shop.stack.settings.task_queue, "--input", json.dumps(receipt)),
        *("--address", shop.stack.temporal_address),
    )
    assert started.code == 0, started
    assert shop.closed_as(workflow_id) == "FAILED"

    gone = ask(desk, "retry", workflow_id)
    assert gone.code == 2
    assert f"the bucket has no {receipt['object_key']} any more" in gone.err
    (skipped,) = about(workflow_id, eventually_listed(desk, workflow_id))
    assert "any more" in skipped["skipped"]

    assert ask(desk, "receipt", str(picture), "--user", "jan").code == 0
    (planned,) = about(workflow_id, ask(desk, "retry", "--failed", "--json"))
    assert (planned["started"], planned["text"]) == (False, "repeated")
    (again,) = about(workflow_id, ask(desk, "retry", "--failed", "--yes", "--json"))
    assert again["started"] is True
    shop.until(workflow_id, status="needs_review")
    assert about(workflow_id, ask(desk, "retry", "--failed", "--json")) == []
    still = ask(desk, "retry", workflow_id, "--yes")
    assert (still.code, still.err) == (
        2,
        f"error: {workflow_id} cannot be tried again: it is not over\n",
    )


def about(workflow_id: str, answer: Answer) -> list[dict[str, Any]]:
    """Return what an answer says of one run."""
    assert answer.code == 0, answer
    return [said for said in answer.objects if said["workflow_id"] == workflow_id]


def eventually_listed(desk: Desk, workflow_id: str) -> Answer:
    """Ask until the server lists a run that has just failed; return the answer that has it."""
    return eventually(
        lambda: ask(desk, "retry", "--failed", "--json"),
        lambda answer: bool(about(workflow_id, answer)),
    )
