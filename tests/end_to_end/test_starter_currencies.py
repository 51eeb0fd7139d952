"""Yen and dinars from the command line to the ledger, in their own minor units."""

import json
from pathlib import Path

from PIL import Image

from tests.support.terminal import Terminal, eventually, order_document


def test_yen_are_charged_and_shown_as_yen_and_the_threshold_is_a_setting(shop: Terminal) -> None:
    document = order_document("yen", cents=400, currency="JPY")

    started = shop.starter(
        "order", "-", "--json", stdin=json.dumps(document), APPROVAL_THRESHOLD="399"
    )
    assert started.code == 0, started
    shop.until("order-yen", status="awaiting_approval")
    shown = shop.starter("status", "yen")
    assert "total        400 JPY" in shown.out
    assert shop.starter("approve", "yen", "--by", "ada").code == 0
    shop.until("order-yen", status="waiting_for_business_day")
    assert shop.starter("expedite", "yen").code == 0

    assert shop.result("order-yen")["status"] == "completed"
    (charge,) = shop.effects("charges", "yen")
    assert (charge["amount_cents"], charge["currency"]) == (400, "JPY")
    listed = eventually(
        # Other tests of the same server start hundreds of orders.
        lambda: shop.starter("list", "--kind", "order", "--limit", "2000"),
        lambda said: "order-yen " in said.out,
    )
    (row,) = (row for row in listed.out.splitlines() if row.startswith("order-yen "))
    assert row.split()[2:4] == ["400", "JPY"]


def test_a_total_is_corrected_in_the_decimals_of_its_currency(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "black.png"
    Image.new("RGB", (90, 60), "navy").save(file)
    submitted = shop.starter("receipt", str(file), "--user", "kenji", "--json")
    workflow_id = submitted.object["workflow_id"]
    shop.until(workflow_id, status="needs_review")

    hundredths = shop.starter("correct", workflow_id, "--total", "12.80", "--currency", "JPY")
    assert (hundredths.code, hundredths.out) == (2, "")
    assert "without decimals and no other signs, such as 1230" in hundredths.err
    none = shop.starter("correct", workflow_id, "--total", "12.80", "--currency", "XXX")
    assert none.code == 2
    assert "must be the ISO 4217 code of a currency in use" in none.err
    yen = shop.starter("correct", workflow_id, "--total", "1280", "--currency", "jpy")
    assert yen.code == 0, yen

    assert shop.closed_as(workflow_id) == "COMPLETED"
    (expense,) = shop.expenses("kenji")
    assert (expense["total_cents"], expense["currency"]) == (1280, "JPY")
    assert "1,280 JPY" in shop.starter("expenses", "--user", "kenji").out
