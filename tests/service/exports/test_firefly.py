"""Rows for Firefly III's data importer, read back as CSV: what was spent is negative."""

import csv
import datetime as dt
import io

from models import StoredExpense
from service.exports.firefly import ROLES, write_firefly
from tests.service.exports.test_journals import expense


def read(*saved: StoredExpense) -> list[dict[str, str]]:
    text = io.StringIO(newline="")
    write_firefly(saved, text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))
    assert all(tuple(row) == ROLES for row in rows)
    return rows


def test_each_column_is_named_by_its_role() -> None:
    (row,) = read(expense())
    assert row == {
        "date_transaction": "2026-05-22",
        "amount": "-12.30",
        "currency-code": "EUR",
        "description": "Receipt from Kettle & Quill",
        "opposing-name": "Kettle & Quill",
        "external-id": "exp_1",
        "internal_reference": "ada-1",
        "tags-comma": "ada",
        "category-name": "",
    }


def test_a_refund_is_a_deposit_and_what_is_not_known_is_said() -> None:
    refund, yen, thousandths = read(
        expense(total_cents=-1999),
        expense(None, total_cents=1280, currency="JPY", date=None),
        expense("=HYPER\nLINK()", total_cents=5, currency="KWD"),
    )
    assert (refund["amount"], refund["description"]) == ("19.99", "Refund from Kettle & Quill")
    assert (yen["amount"], yen["description"], yen["opposing-name"]) == ("-1280", "Receipt", "")
    assert yen["date_transaction"] == dt.date(2026, 6, 5).isoformat()
    assert (thousandths["amount"], thousandths["opposing-name"]) == ("-0.005", "'=HYPER LINK()")
