"""Whole money: amounts without decimals in currencies that have them by ISO 4217.

Tills in Indonesia, Colombia or Taiwan print ``50.000`` and no cents. Read as hundredths, nothing
on such a receipt is an amount.
"""

import re
from dataclasses import replace

from models import digits_of
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.entries import Entry, find_entries
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_CODES = "ALL AMD AOA ARS COP CRC HUF IDR IRR KHR KZT LAK LBP MGA MMK MNT MWK NGN TWD TZS UZS"
_WITHOUT_CENTS = frozenset(_CODES.split())
"""Currencies whose decimals are seldom printed."""
_SMALL = frozenset({"TWD", "HUF"})
"""Of these, those whose prices have no thousands, or blanks before them."""
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,]\d{3}){1,3}\s{0,2}$")
_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})


def find_money(rows: list[Row], currency: str | None) -> list[Entry]:
    """Return the rows with amounts in a currency, in its minor units, from top to bottom."""
    digits = digits_of(currency)
    if currency and currency in _WITHOUT_CENTS and _has_no_cents(rows, currency, digits):
        whole = find_entries(rows, 0)
        if any(entry.role in _TOTALS for entry in whole):
            return [_in_minor_units(entry, 10**digits) for entry in whole]
    return find_entries(rows, digits)


def _has_no_cents(rows: list[Row], currency: str, digits: int) -> bool:
    has_thousands = currency in _SMALL or any(
        _THOUSANDS.search(line.text) for row in rows for line in row.lines
    )
    return has_thousands and not any(find_amounts(row.text, digits) for row in rows)


def _in_minor_units(entry: Entry, units: int) -> Entry:
    return replace(entry, amounts=tuple(amount * units for amount in entry.amounts))
