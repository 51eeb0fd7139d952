"""Expenses as files over HTTP and at the desk, with what else was read on their receipts."""

import csv
import io
import itertools
import zipfile

import pytest

from models import Role
from tests.support.browser import AtDesk
from tests.support.http_door import Person
from tests.support.pdf_files import printed_pdf
from tests.support.terminal import Terminal
from tests.web.test_receipts import stands

NUMBERS = itertools.count(1)


def bill() -> bytes:
    """Return a bill with items, tax, tip and a card, that nobody has submitted before."""
    rows = [
        ("Corner Cafe", ""),
        (f"{next(NUMBERS):02}.03.2026", ""),
        ("2 x 5,95 Suppe", "11,90"),
        ("Zwischensumme EUR", "11,90"),
        ("Trinkgeld", "2,00"),
        ("SUMME EUR", "13,90"),
        ("VISA", "13,90"),
        ("Steuer % Netto Steuer Brutto", ""),
        ("A 19,00% 10,00 1,90", "11,90"),
    ]
    return printed_pdf(rows)


DETAILS = {
    "taxCents": 190,
    "tipCents": 200,
    "taxRows": [{"ratePercent": "19", "netCents": 1000, "taxCents": 190, "grossCents": 1190}],
    "paymentMethod": "card",
    "items": [{"description": "Suppe", "quantity": "2", "unitPriceCents": 595, "cents": 1190}],
}


async def saved(person: Person) -> str:
    """Post a bill; return its expense's id once it is saved."""
    posted = await person.post("/receipts", data=bill())
    done = await stands(person, posted.body["receiptId"], status="completed")
    assert {name: done["fields"][name] for name in DETAILS} == DETAILS
    expense_id: str = done["expenseId"]
    return expense_id


async def test_details_go_all_the_way(ada: Person, at_desk: AtDesk, shop: Terminal) -> None:
    expense_id = await saved(ada)
    listed = {one["expenseId"]: one for one in (await ada.get("/expenses?limit=200")).body["items"]}
    assert {name: listed[expense_id][name] for name in DETAILS} == DETAILS

    table = csv.DictReader(io.StringIO((await ada.get("/expenses?format=csv")).text))
    row = next(row for row in table if row["expense_id"] == expense_id)
    assert (row["tax"], row["tip"], row["payment_method"]) == ("1.90", "2.00", "card")

    (printed,) = (one for one in shop.expenses("ada") if one["expense_id"] == expense_id)
    assert (printed["tip_cents"], printed["payment_method"]) == (200, "card")

    desk = await at_desk.person("ada", Role.SUBMIT)
    page = await desk.show(f"/desk/expenses/{expense_id}")
    receipt = await desk.show(f"/desk/receipts/{printed['receipt_id']}")
    for words in ("2 x 5.95 Suppe: 11.90", "19 %: net 10.00, tax 1.90", "2.00 EUR", "by card"):
        assert words in page.text
        assert words in receipt.text

    edited = await ada.call("PATCH", f"/expenses/{expense_id}", json={"total": "12.00"})
    assert edited.body["taxRows"] == []
    assert (edited.body["tipCents"], edited.body["items"]) == (None, DETAILS["items"])


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("ledger", "text/plain"), ("beancount", "text/plain"), ("firefly", "text/csv")],
)
async def test_files_for_other_programs(
    ada: Person, bob: Person, olga: Person, form: str, media_type: str
) -> None:
    expense_id = await saved(ada)

    answer = await ada.get(f"/expenses?format={form}")
    assert answer.headers["Content-Type"].startswith(media_type)
    assert form in answer.headers["Content-Disposition"]
    assert expense_id in answer.text
    assert expense_id not in (await bob.get(f"/expenses?format={form}")).text
    assert expense_id in (await olga.get(f"/expenses?format={form}")).text
    assert expense_id in (await olga.get(f"/expenses?format={form}&userId=ada")).text
    assert expense_id not in (await olga.get(f"/expenses?format={form}&userId=bob")).text
    assert "only operators" in (await bob.get(f"/expenses?format={form}&userId=ada")).problem(403)
    assert "format" in (await ada.get("/expenses?format=doc")).problem(422)


async def test_all_files_at_the_desk(ada: Person, at_desk: AtDesk) -> None:
    expense_id = await saved(ada)
    desk, other = await at_desk.person("ada", Role.SUBMIT), await at_desk.person("bob", Role.SUBMIT)

    links = (await desk.show("/desk/expenses?month=2026-03")).links
    for form in ("csv", "ledger", "beancount", "firefly", "zip"):
        link = f"/desk/expenses.{form}?month=2026-03"
        assert link in links
        answer = await desk.get(link)
        assert answer.status == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert (expense_id.encode() in answer.body) or form == "zip"
        assert expense_id.encode() not in (await other.get(link)).body
    with zipfile.ZipFile(io.BytesIO((await desk.get("/desk/expenses.zip")).body)) as content:
        assert content.testzip() is None
        assert any(expense_id in name for name in content.namelist())
    assert (await desk.get("/desk/expenses.doc")).status == 404
