"""The rows of a receipt's taxes: rate, net, tax and gross, as far as each is printed.

A row of taxes has its columns in any order, and other rows have a percentage as well. So a row
counts only if its amounts belong together, and all of them count only if they add up to the total,
or to the tax that is in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice
from typing import Literal

from models import TaxRow
from providers.receipt_parser.receipt_rules.details.taxes import CLOSE
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")
_LARGEST_RATE = Decimal(30)
"""In percent. No value-added tax is above 27 %."""
_MOST_ROWS = 12
_MOST_AMOUNTS = 5
"""Of a row of taxes."""
_ROUNDED = Decimal(2)
"""In minor units: how far a tax may be from that of its net, because each item was rounded."""
_OF_TAXES = frozenset({Role.TAX, Role.NET, Role.NONE})

_Pair = Literal["net and tax", "gross and tax"]


@dataclass(frozen=True)
class _Printed:
    """A row with its rate in percent, if it has one, and its amounts in minor units."""

    entry: Entry
    rate: Decimal | None
    amounts: tuple[int, ...]


def find_tax_rows(
    entries: Sequence[Entry], total: int | None, tip: int | None, tax: int | None
) -> tuple[TaxRow, ...]:
    """Return all rows of the taxes, or none if they do not add up; amounts are in minor units.

    ``tax`` is the tax in the total, and ``tip`` the tip in it, which no tax is on.
    """
    if not total:
        return ()
    printed = list(_printed(entries))
    totals = {abs(total), abs(total) - abs(tip or 0)}
    rows = (
        _adding_up_to(totals, printed, "net and tax")
        or _adding_up_to(totals, printed, "gross and tax")
        or _taxes_alone(printed, tax)
    )
    return tuple(_negative(row) for row in rows) if total < 0 else rows


def _printed(entries: Sequence[Entry]) -> Iterator[_Printed]:
    for entry in entries:
        if not (entry.role is Role.TAX or (entry.role in _OF_TAXES and entry.in_summary)):
            continue
        if len(entry.amounts) > _MOST_AMOUNTS or not any(entry.amounts):
            continue
        amounts = tuple(abs(amount) for amount in entry.amounts)
        rates = [_as_rate(rate) for rate in _RATE.findall(entry.row.text)]
        if not rates and len(amounts) == _MOST_AMOUNTS - 1:
            rates, amounts = [Decimal(amounts[0]) / 100], amounts[1:]  # a column of its own
        if len(rates) > 1 or any(rate > _LARGEST_RATE for rate in rates):
            continue
        yield _Printed(entry, rates[0] if rates else None, amounts)


def _as_rate(text: str) -> Decimal:
    rate = Decimal(text.replace(",", "."))
    return rate.normalize() if rate % 1 else rate.quantize(Decimal(1))


def _adding_up_to(totals: set[int], printed: list[_Printed], pair: _Pair) -> tuple[TaxRow, ...]:
    """Return the rows with net or gross; none if the gross of all is no total."""
    found = [row for one in printed if (row := _whole(one, pair)) is not None]
    rows = list(dict.fromkeys(found))  # a table that is printed twice counts once
    with_rates = [row for row in rows if row.rate_percent is not None]
    for some in (rows, with_rates):
        gross = sum(_gross(row) for row in some)
        if 0 < len(some) <= _MOST_ROWS and any(abs(gross - one) <= CLOSE for one in totals):
            return tuple(some)
    return ()


def _gross(row: TaxRow) -> int:
    return (row.net_cents or 0) + row.tax_cents if row.gross_cents is None else row.gross_cents


def _whole(one: _Printed, pair: _Pair) -> TaxRow | None:
    """Return the row whose amounts belong together, or None."""
    if len(one.amounts) == 2:
        larger, smaller = max(one.amounts), min(one.amounts)
        if pair == "net and tax":
            row = TaxRow(rate_percent=one.rate, net_cents=larger, tax_cents=smaller)
            return row if _fits(one.rate, larger, smaller) else None
        row = TaxRow(rate_percent=one.rate, tax_cents=smaller, gross_cents=larger)
        return row if _fits(one.rate, larger - smaller, smaller) else None
    for three in islice(combinations(sorted(one.amounts), 3), 10):
        small, middle, gross = three
        if abs(small + middle - gross) <= 1 and _fits(one.rate, middle, small):
            return TaxRow(
                rate_percent=one.rate, net_cents=middle, tax_cents=small, gross_cents=gross
            )
    return None


def _fits(rate: Decimal | None, net: int, tax: int) -> bool:
    """Tell whether a tax is that of a net, at a rate in percent or at any that there is."""
    if rate is None:
        return tax * 100 <= net * _LARGEST_RATE
    return abs(net * rate / 100 - tax) <= _ROUNDED


def _taxes_alone(printed: list[_Printed], tax: int | None) -> tuple[TaxRow, ...]:
    """Return rows with nothing but a tax, if they add up to the tax that is in the total."""
    found = {
        one.entry.label: TaxRow(rate_percent=one.rate, tax_cents=one.amounts[0])
        for one in printed
        if one.entry.role is Role.TAX and len(one.amounts) == 1 and "TOTAL" not in one.entry.label
    }
    rows = [row for row in found.values() if row.tax_cents]
    # Or one of them is the whole tax, and the others say how much of it an item has.
    for some in (rows, rows[:-1], *([row] for row in reversed(rows))):
        adds_up = tax is not None and sum(row.tax_cents for row in some) == abs(tax)
        if adds_up and 0 < len(some) <= _MOST_ROWS:
            return tuple(some)
    return ()


def _negative(row: TaxRow) -> TaxRow:
    return TaxRow(
        rate_percent=row.rate_percent,
        net_cents=None if row.net_cents is None else -row.net_cents,
        tax_cents=-row.tax_cents,
        gross_cents=None if row.gross_cents is None else -row.gross_cents,
    )
