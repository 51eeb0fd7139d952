"""Orders from the command line to their end: every command, on real parts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config import ROOT
from sandbox.samples import ORDERS
from tests.support.terminal import (
    COMMAND_SECONDS,
    Answer,
    Terminal,
    customer,
    eventually,
    order_document,
)

LIVE = re.compile(rb"\xe2[\x80-\xbf]{2} order-shown: approval, waits for an approval")
"""What a live display draws: a frame of the spinner, and what the order is doing."""


def test_an_order_charges_reserves_ships_and_mails_once(shop: Terminal, tmp_path: Path) -> None:
    document = order_document("once")
    file = tmp_path / "order.json"
    file.write_text(json.dumps(document))

    started = shop.starter("order", str(file))
    assert started.code == 0, started
    assert started.out.startswith("started order-once (29.00 USD)\n  run ")
    assert f"{shop.stack.settings.temporal_ui_url}/namespaces/default/workflows/" in started.out

    waiting = shop.until("order-once", status="waiting_for_business_day")
    assert shop.keys("shipments", "once") == []
    joined = shop.order(document)
    assert joined.object["joined"] is True
    assert joined.object["run_id"] in started.out

    assert shop.starter("expedite", "once").code == 0
    result = shop.result("order-once")

    assert result["status"] == "completed"
    assert result["transaction_id"] == waiting["transaction_id"]
    assert shop.keys("charges", "once") == ["order-once:charge"]
    assert shop.keys("reservations", "once") == ["order-once:reserve"]
    assert shop.keys("shipments", "once") == ["order-once:ship"]
    assert shop.keys("refunds", "once") == []
    (mail,) = shop.mails(customer("once"))
    assert mail.subject == "Order once is on its way"


def test_other_content_under_a_used_order_id_is_refused(shop: Terminal) -> None:
    assert shop.order(order_document("taken", cents=60_000)).code == 0

    answer = shop.order(order_document("taken", cents=60_001))

    assert answer.code == 2
    assert answer.object["error"].startswith("order id 'taken' was used before for other content")
    assert answer.err.count("\n") == 1
    assert shop.state("order-taken")["total_cents"] == 60_000


def test_an_order_that_was_started_in_the_ui_is_joined_but_an_invalid_one_is_not(
    shop: Terminal,
) -> None:
    document = order_document("from-ui", currency="USD", payment_token="plain")
    for name, started_with in (("from-ui", document), ("odd", {"order_id": 7}), ("empty", None)):
        arguments = [] if started_with is None else ["--input", json.dumps(started_with)]
        started = shop.temporal(
            *("workflow", "start", "--type", "OrderWorkflow", "--workflow-id", f"order-{name}"),
            *("--task-queue", "nobody-serves-it", "--address", shop.stack.temporal_address),
            *arguments,
        )
        assert started.code == 0, started

    joined = shop.order({name: value for name, value in document.items() if name != "currency"})
    odd, empty = (shop.order(order_document(name)) for name in ("odd", "empty"))

    assert joined.object["joined"] is True
    for answer in (odd, empty):
        assert answer.code == 2
        assert "was used before for other content" in answer.object["error"]


def test_an_order_under_a_key_that_is_gone_is_neither_joined_nor_refused_as_another(
    shop: Terminal,
) -> None:
    document = json.dumps(order_document("old-key"))
    old, new = (Fernet.generate_key().decode() for _ in range(2))

    def submit(keys: str) -> Answer:
        return shop.starter(
            *("order", "-"),
            stdin=document,
            TOKEN_ENCRYPTION_KEYS=keys,
            TASK_QUEUE="nobody-serves-it",
        )

    assert submit(old).code == 0
    unknown, rotated = submit(new), submit(f"{new},{old}")

    assert unknown.code == 2
    assert unknown.err.startswith("error: order-old-key cannot be compared: the payment token was")
    assert rotated.code == 0
    assert rotated.out.startswith("joined order-old-key (")


def test_approve_and_what_is_refused_after_it(shop: Terminal) -> None:
    document = order_document("big", cents=64_000)
    shop.order(document)
    asked = shop.until("order-big", status="awaiting_approval")
    assert asked["waiting_until"]
    assert shop.keys("charges", "big") == []

    approved = shop.starter("approve", "big", "--by", "ada", "--reason", "a regular", "--json")
    assert approved.code == 0, approved
    assert approved.object["approval"] == {
        "approved": True,
        "decided_by": "ada",
        "reason": "a regular",
        "channel": "starter.py",
    }

    for command in ("approve", "reject"):
        again = shop.starter(command, "order-big", "--by", "eve")
        assert (again.code, again.out) == (2, "")
        assert again.err == "error: order big was already approved by ada\n"

    shop.starter("expedite", "big")
    assert shop.result("order-big")["approval"]["decided_by"] == "ada"
    over = shop.starter("approve", "big")
    assert over.code == 2
    assert over.err == "error: order-big cannot be approved: it is over (completed)\n"


def test_reject_charges_nothing_and_tells_the_customer(shop: Terminal) -> None:
    document = order_document("dear", cents=64_000)
    shop.order(document)

    rejected = shop.starter("reject", "dear", "--by", "ada", "--reason", "over budget")
    assert (rejected.code, rejected.out) == (0, "order-dear: rejected\n")

    result = shop.result("order-dear")
    assert (result["status"], result["reason"]) == ("rejected", "rejected by ada: over budget")
    assert shop.keys("charges", "dear") == []
    (mail,) = shop.mails(customer("dear"))
    assert mail.subject == "Order dear was not approved"


def test_a_decision_that_no_order_waits_for_is_refused(shop: Terminal) -> None:
    shop.order(order_document("cheap"))

    needless = shop.starter("approve", "cheap")
    nowhere = shop.starter("approve", "no-such-order")

    assert needless.code == 2
    assert "needs no approval: 29.00 USD was not above the limit" in needless.err
    assert nowhere.code == 2
    assert nowhere.err == "error: there is no run 'no-such-order'; 'starter.py list' shows all\n"


def test_pause_stops_before_the_next_step_and_resume_goes_on(shop: Terminal) -> None:
    document = order_document("paused", cents=64_000)
    shop.order(document)

    assert shop.starter("pause", "paused").out == "order-paused: paused\n"
    assert shop.starter("approve", "paused").code == 0
    shop.until("order-paused", step="approval", waiting_for="resume")
    shown = shop.starter("status", "paused")
    assert "order-paused: running, paused\n" in shown.out
    assert "waits for    resume" in shown.out
    assert shop.keys("charges", "paused") == []

    assert shop.starter("expedite", "paused").code == 0
    assert shop.starter("resume", "paused").out == "order-paused: resumed\n"
    assert shop.result("order-paused")["status"] == "completed"
    assert shop.keys("charges", "paused") == ["order-paused:charge"]


def test_cancel_undoes_what_was_done_and_closes_as_cancelled(shop: Terminal) -> None:
    document = order_document("regret")
    shop.order(document)
    shop.until("order-regret", status="waiting_for_business_day")

    requested = shop.starter("cancel", "regret")
    assert requested.code == 0, requested
    assert requested.out.startswith("order-regret: cancel requested; 'starter.py status regret'")

    watched = shop.order(document, "--wait")
    assert watched.code == 1
    assert shop.closed_as("order-regret") == "CANCELED"
    state = shop.starter("status", "regret", "--json").object
    assert state["status"] == "cancelled"
    (refund,) = shop.effects("refunds", "regret")
    assert refund["refund_id"] == state["refund_id"]
    assert refund["amount_cents"] == 2900
    assert [held["status"] for held in shop.effects("reservations", "regret")] == ["released"]
    assert shop.keys("shipments", "regret") == []
    (mail,) = shop.mails(customer("regret"))
    assert mail.subject == "Order regret was cancelled"

    again = shop.starter("cancel", "regret")
    assert again.code == 2
    assert "cannot be cancelled: it is over (cancelled)" in again.err


@pytest.mark.parametrize(
    ("sample", "status", "charges", "refunds"),
    [("card-declined", "payment_failed", 0, 0), ("out-of-stock", "out_of_stock", 1, 1)],
)
def test_an_outcome_of_business_is_a_result_and_exit_code_0(
    shop: Terminal, sample: str, status: str, charges: int, refunds: int
) -> None:
    file = ORDERS / f"{sample}.json"
    order_id = json.loads(file.read_bytes())["order_id"]

    answer = shop.starter("order", str(file), "--wait")

    assert answer.code == 0, answer
    assert f"order-{order_id}: {status}" in answer.out
    # Which steps it shows depends on timing; it always shows the last one.
    assert answer.err.startswith(f"order-{order_id}: ")
    assert len(shop.effects("charges", order_id)) == charges
    assert len(shop.effects("refunds", order_id)) == refunds


def test_a_terminal_shows_what_an_order_waits_for_and_a_file_gets_its_result(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(order_document("shown", cents=64_000)))
    screen, terminal = os.openpty()
    with (
        os.fdopen(screen, "rb", buffering=0) as shown,
        subprocess.Popen(
            (sys.executable, "starter.py", "order", str(file), "--wait"),
            cwd=ROOT,
            env={**shop.stack.environment(), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=terminal,
        ) as following,
    ):
        os.close(terminal)
        drawn = bytearray()

        def is_shown() -> bool:
            drawn.extend(shown.read(4096))
            return LIVE.search(drawn) is not None

        try:
            eventually(is_shown, bool)
            assert shop.starter("reject", "shown").code == 0
            assert following.stdout is not None
            assert b"order-shown: rejected" in following.stdout.read()
            assert following.wait(COMMAND_SECONDS) == 0
        finally:
            following.kill()
