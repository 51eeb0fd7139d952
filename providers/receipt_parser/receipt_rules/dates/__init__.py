"""Dates: the day of the purchase, among expiry dates, times and numbers that look like dates.

Prevents the second of March being booked as the third of February: the order of day and month
is taken from the receipt's other dates, then from its country. If neither tells, the date is a
doubt.
"""

import datetime as dt
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.dates.forms import PrintedDate, printed_dates
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import Row

_REPEATED = 1.0
_MOST_OFFERED = 2


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
    rows: list[Row], today: dt.date, country_day_first: bool | None
) -> DateReading | None:
    """Return the day of the purchase, or None if no row has a plausible date.

    ``country_day_first`` is the order of day and month if the receipt's dates do not tell it.
    None means unknown; the reading of an ambiguous date then has a doubt.
    """
    printed = [date for row in rows for date in printed_dates(row, today)]
    if not printed:
        return None
    shown = _shown_order(printed)
    order = shown if shown is not None else country_day_first
    day_first = order is not False
    best, *others = _ranked(printed, day_first)
    doubt = None
    may_be = [other.date for other in others[:_MOST_OFFERED]]
    if best.printed.is_open:
        may_be.insert(0, best.printed.read(not day_first))
    if order is None and best.printed.is_open:
        doubt = f"the date may be {best.date} or {best.printed.read(not day_first)}"
    margin = best.points - (others[0].points if others else 0.0)
    confidence = 0.6 + 0.06 * best.points + 0.03 * min(margin, 4.0)
    row = best.printed.row
    return DateReading(
        best.date,
        confidence=max(0.05, min(0.99, confidence)),
        box=row.box,
        page=row.page,
        doubt=doubt,
        others=tuple(may_be),
    )


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
