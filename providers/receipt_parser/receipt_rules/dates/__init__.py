"""Dates: the day of the purchase, among expiry dates, times and numbers that look like dates.

Prevents the second of March being booked as the third of February: the order of day and month
is taken from the receipt's other dates, then from its country. If neither tells, the date is a
doubt.
"""

import datetime as dt
from dataclasses import dataclass, replace

from providers.receipt_parser.receipt_rules.dates.contexts import (
    ANOTHER_DAY,
    NAMED,
    OF_AN_INVOICE,
    TITLE_OF_A_RETURN,
)
from providers.receipt_parser.receipt_rules.dates.forms import PrintedDate, printed_dates
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import Row

_REPEATED = 1.0
_MOST_OFFERED = 2
_MOST_DATES = 200
_LEAST_MARGIN = 0.25


@dataclass(frozen=True)
class DateReading(Reading):
    """The day of the purchase; ``others`` are alternatives, the most likely first."""

    date: dt.date
    others: tuple[dt.date, ...] = ()


@dataclass
class _Candidate:
    """A day, the best of the places where it is printed, and the points of all of them."""

    date: dt.date
    printed: PrintedDate
    points: float


def find_date(
    rows: list[Row],
    today: dt.date,
    country_day_first: bool | None,
    is_year_first: bool = False,
    is_refund: bool = False,
) -> DateReading | None:
    """Return the day of the purchase, or None if no row has a plausible date.

    ``country_day_first`` is the order of day and month if the receipt's dates do not tell it.
    None means unknown; the reading of an ambiguous date then has a doubt. ``is_year_first`` says
    that dates of two digits each begin with the year there. ``is_refund`` says that the date of an
    invoice is that of another paper.
    """
    printed = [
        date
        for above, row in zip(_rows_above(rows, is_refund), rows, strict=False)
        for date in printed_dates(row, today, above, is_year_first)
    ][:_MOST_DATES]
    if not printed:
        return None
    if is_refund:
        printed = [_of_another_paper(date) for date in printed]
    shown = _shown_order(printed)
    order = shown if shown is not None else country_day_first
    day_first = order is not False
    best, *others = _ranked(printed, day_first)
    may_be = [other.date for other in others[:_MOST_OFFERED]]
    if best.printed.is_open:
        may_be.insert(0, best.printed.read(not day_first))
    margin = best.points - (others[0].points if others else 0.0)
    confidence = 0.6 + 0.06 * best.points + 0.03 * min(margin, 4.0)
    row = best.printed.row
    return DateReading(
        best.date,
        confidence=max(0.05, min(0.99, confidence)),
        box=row.box,
        page=row.page,
        doubt=_doubt(best, others, today, order),
        others=tuple(may_be),
    )


def _rows_above(rows: list[Row], is_refund: bool) -> list[Row | None]:
    """Return the row above each, in which its label may be: the title of a refund is none."""
    return [None] + [
        None if is_refund and TITLE_OF_A_RETURN.search(row.label) else row for row in rows
    ]


def _of_another_paper(date: PrintedDate) -> PrintedDate:
    """Return the date with fewer points if it is the invoice's that is refunded.

    Where it is the only one, a credit note calls its own day so.
    """
    is_of_invoice = OF_AN_INVOICE.search(date.row.label)
    return replace(date, score=date.score - date.context) if is_of_invoice else date


def _doubt(
    best: _Candidate, others: list[_Candidate], today: dt.date, order: bool | None
) -> str | None:
    if order is None and best.printed.is_open:
        other = best.printed.read(best.date != best.printed.day_first)
        return f"the date may be {best.date} or {other}"
    year_first = best.printed.year_first
    if year_first and best.date < _long_ago(today) and year_first > _lately(today):
        return f"the date may be {best.date} or {year_first}"
    if best.printed.context <= ANOTHER_DAY + NAMED:
        return f"the date {best.date} may be that of something else"
    rival = others[0] if others else None
    if rival is None or best.points - rival.points >= _LEAST_MARGIN:
        return None
    # After midnight, a till prints yesterday's date and today's.
    is_near = abs(best.date - rival.date) <= dt.timedelta(days=1)
    return None if is_near else f"the date may be {best.date} or {rival.date}"


def _long_ago(today: dt.date) -> dt.date:
    return today - dt.timedelta(days=5 * 365)


def _lately(today: dt.date) -> dt.date:
    return today - dt.timedelta(days=400)


def _shown_order(printed: list[PrintedDate]) -> bool | None:
    """Return True for day first, False for month first, None if the receipt's dates do not tell.

    A date that is possible in only one order tells it, and so does an ambiguous date that is
    also printed in an unambiguous form.
    """
    certain = {date.day_first for date in printed if date.is_certain}
    balance = 0
    for date in printed:
        if date.is_open:
            balance += (date.day_first in certain) - (date.month_first in certain)
        elif not date.is_certain:
            balance += 1 if date.day_first else -1
    return None if balance == 0 else balance > 0


def _ranked(printed: list[PrintedDate], day_first: bool) -> list[_Candidate]:
    """Return each day once, the most likely first; of equals, the one printed higher up first."""
    found: dict[dt.date, _Candidate] = {}
    for each in printed:
        date = each.read(day_first)
        known = found.setdefault(date, _Candidate(date, each, each.score - _REPEATED))
        if each.score > known.printed.score:
            known.points += each.score - known.printed.score
            known.printed = each
        known.points += _REPEATED
    return sorted(found.values(), key=lambda candidate: -candidate.points)
