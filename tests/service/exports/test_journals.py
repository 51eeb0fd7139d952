"""Journals are read back by the rules of their formats: whatever a receipt says, nothing is added.

The same journals were read by ``ledger`` 3.3.0 and ``bean-check`` 3.2.3 when this was written.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import StoredExpense, amount_as_text
from service.exports.journals import beancount_journal, ledger_journal

HOSTILE = st.text('"\\;|()*!=\n\r\t \u2028\u00a0\x00@{}[]:#%~&P2026-01 Cafeé茶', max_size=30)


def expense(merchant: str | None = "Kettle & Quill", **changes: object) -> StoredExpense:
    made = StoredExpense(
        receipt_id="ada-1",
        user_id="ada",
        merchant=None,
        total_cents=1230,
        currency="EUR",
        date=dt.date(2026, 5, 22),
        parser="rules",
        object_key="receipts/x.png",
        expense_id="exp_1",
        created_at=dt.datetime(2026, 6, 5, tzinfo=dt.UTC),
    )
    # Not validated, as rows of earlier versions were not.
    return made.model_copy(update={"merchant": merchant, **changes})


@dataclass(frozen=True)
class Transaction:
    """What a journal says: ``amounts`` by account, ``about`` the values of its metadata."""

    date: str
    flag: str
    payee: str
    amounts: dict[str, str]
    about: dict[str, str]


def ledger_read(text: str) -> Iterator[Transaction]:
    """Read a journal by the part of Ledger's rules that the export uses; fail at anything else."""
    for entry in filter(None, text.split("\n\n")):
        head, *rows = entry.rstrip("\n").split("\n")
        found = re.fullmatch(r"(\d{4}-\d\d-\d\d) ([*!]) ([^(*!=;|\s][^;|\t\n]*)", head)
        assert found, head
        assert "  " not in found[3]
        about, amounts = {}, {}
        for row in rows:
            note = re.fullmatch(r"    ; (\w+): (\S+)", row)
            posting = re.fullmatch(r"    (\w+(?::[\w-]+)+)  (-?\d+(?:\.\d+)? [A-Z]{3})", row)
            assert note or posting, row
            if note:
                about[note[1]] = note[2]
            if posting:
                amounts[posting[1]] = posting[2]
        yield Transaction(found[1], found[2], found[3], amounts, about)


def beancount_read(text: str) -> Iterator[Transaction]:
    """Read a journal by the part of Beancount's rules that the export uses, as above."""
    string = r'"((?:[^"\\\n]|\\["\\])*)"'
    opened: set[str] = set()
    for entry in filter(None, text.split("\n\n")):
        head, *rows = entry.rstrip("\n").split("\n")
        if re.fullmatch(r"\d{4}-\d\d-\d\d open \S+", head):
            opened |= {line.split(" open ")[1] for line in (head, *rows)}
            continue
        found = re.fullmatch(rf"(\d{{4}}-\d\d-\d\d) ([*!]) {string} {string}", head)
        assert found, head
        about, amounts = {"narration": found[4]}, {}
        for row in rows:
            meta = re.fullmatch(rf"  ([a-z][a-z-]+): {string}", row)
            posting = re.fullmatch(
                r"  ((?:Expenses|Liabilities)(?::[A-Z][\w-]+)+)  (-?[\d.]+ \w+)", row
            )
            assert meta or posting, row
            if meta:
                about[meta[1]] = meta[2]
            if posting:
                assert posting[1] in opened
                amounts[posting[1]] = posting[2]
        payee = re.sub(r'\\(["\\])', r"\1", found[3])
        yield Transaction(found[1], found[2], payee, amounts, about)


@pytest.mark.parametrize(
    ("total", "currency", "spent", "owed"),
    [
        (1230, "EUR", "12.30 EUR", "-12.30 EUR"),
        (-1999, "USD", "-19.99 USD", "19.99 USD"),
        (1280, "JPY", "1280 JPY", "-1280 JPY"),
        (5, "KWD", "0.005 KWD", "-0.005 KWD"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(
    total: int, currency: str, spent: str, owed: str
) -> None:
    saved = [expense(total_cents=total, currency=currency)]

    for (read,) in (ledger_read(ledger_journal(saved)), beancount_read(beancount_journal(saved))):
        assert read.amounts == {"Expenses:Receipts": spent, "Liabilities:Receipts": owed}
        assert (read.date, read.flag, read.payee) == ("2026-05-22", "*", "Kettle & Quill")
        assert (read.about["expense"], read.about["user"]) == ("exp_1", "ada")


def test_what_is_not_known_is_pending() -> None:
    saved = [expense(None), expense(date=None), expense(date=dt.date(202, 1, 1))]
    unsure = expense(unconfirmed="merchant")

    for journal in (ledger_read(ledger_journal(saved)), beancount_read(beancount_journal(saved))):
        assert [(one.date, one.flag, one.payee) for one in journal] == [
            ("2026-05-22", "!", "Unknown merchant"),
            ("2026-06-05", "!", "Kettle & Quill"),
            ("2026-06-05", "!", "Kettle & Quill"),
        ]
    assert next(ledger_read(ledger_journal([unsure]))).flag == "!"
    assert ledger_journal([]) == beancount_journal([]) == ""


@given(st.lists(HOSTILE.filter(bool), min_size=1, max_size=4))
@example(["! !", "(a) *", "= ="])
@settings(max_examples=80, deadline=None)
def test_a_merchant_is_never_more_than_a_name(merchants: list[str]) -> None:
    saved = [expense(merchant) for merchant in merchants]

    ledger, beancount = ledger_journal(saved), beancount_journal(saved)

    for read in (list(ledger_read(ledger)), list(beancount_read(beancount))):
        assert len(read) == len(saved)
        assert {one.amounts["Expenses:Receipts"] for one in read} == {
            f"{amount_as_text(1230, 'EUR')} EUR"
        }
