"""Dates: the day of the purchase among expiry dates, times and numbers that look like days.

Prevents the second of March being booked as the third of February: the order of day
and month is settled by what the receipt itself shows, and only then by a default.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from providers.receipt_rules.rows import Box, Row
from providers.receipt_rules.vocabulary import fold

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "JAN JANUARY JANUAR JANUARI",
            "FEB FEBRUARY FEBRUAR FEBRUARI",
            "MAR MARCH MAERZ MRZ MAC",
            "APR APRIL",
            "MAY MAI MEI",
            "JUN JUNE JUNI",
            "JUL JULY JULI JULAI",
            "AUG AUGUST OGOS OGO",
            "SEP SEPT SEPTEMBER",
            "OCT OCTOBER OKT OKTOBER",
            "NOV NOVEMBER",
            "DEC DECEMBER DEZ DEZEMBER DIS DISEMBER",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True)).replace("MAERZ", "M(?:AE|Ä)RZ")

_YEAR_FIRST = re.compile(r"(?<![\d.])(20\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    # Looked for at every place, because a number before a date may look like its beginning.
    r"(?<![\d.,])(?=(\d{1,2})(?:\s?([-/.])\s?|\s(?=\d\d[-/.]))(\d{1,2})\s?([-/.])\s?"
    r"(20\d\d|19\d\d|\d{2}(?![.,/-]?\d)|\d{2}(?=\d{2}:\d{2})))"
)
_DAY_MONTH_NAME = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s./-]*({_MONTH})[\s.,/'-]*(20\d\d|\d\d)(?!\d)", re.I
)
_MONTH_NAME_DAY = re.compile(
    rf"\b({_MONTH})[\s.]*(\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(20\d\d)(?!\d)", re.I
)
_COMPACT = re.compile(r"(?<!\d)(\d{2})(\d{2})(20\d\d)(?=\s+\d{1,2}[:;]\d{2})")
_TIME = re.compile(r"\d{1,2}[:;.]\d{2}(?:[:.]\d{2})?\s*(?:[AP]M|UHR|H)?\b", re.I)

_NAMED = re.compile(r"\bDATE\b|\bDATUM\b|\bTARIKH\b|\bBIZDATE\b|\bDT\b|DATE\b")
_OTHER_DAY = re.compile(
    r"EXPIR|\bEXP\b|VALID|UNTIL|\bDUE\b|MEMBER SINCE|BIRTH|GUELTIG|BIS\b|WARRANTY|\bACT\b|BEFORE"
    r"|EFFECTIVE|RETURN"
)
_OLDEST_YEARS = 25


@dataclass(frozen=True)
class DateReading:
    """The day of the purchase; ``doubt`` says in words why it may be another one."""

    date: dt.date
    confidence: float
    box: Box
    page: int
    doubt: str | None = None


@dataclass
class _Found:
    """One printed date: its possible readings and how much speaks for it."""

    day_first: dt.date | None
    month_first: dt.date | None
    score: float
    row: Row

    @property
    def is_open(self) -> bool:
        """Whether both orders of day and month give a date, and not the same one."""
        return bool(self.day_first and self.month_first) and self.day_first != self.month_first

    def read(self, day_first: bool) -> dt.date | None:
        """The date in the order that the receipt uses, or in the only one that is possible."""
        preferred, other = self.day_first, self.month_first
        if not day_first:
            preferred, other = other, preferred
        return preferred or other


@dataclass
class _Evidence:
    """What the receipt shows about its order of day and month."""

    day_first: int = 0
    month_first: int = 0
    certain: set[dt.date] = field(default_factory=set)


def find_date(
    rows: list[Row], today: dt.date, country_day_first: bool | None
) -> DateReading | None:
    """The day of the purchase, or None when no row shows a plausible one.

    ``country_day_first`` orders day and month where no date on the receipt does; None means
    that nobody knows, which is a doubt.
    """
    found = [
        candidate for row in rows for candidate in _dates_of(row) if _plausible(candidate, today)
    ]
    if not found:
        return None
    evidence = _evidence(found)
    day_first = country_day_first is not False
    if evidence.day_first != evidence.month_first:
        day_first = evidence.day_first > evidence.month_first
    scores: dict[dt.date, float] = {}
    best_of: dict[dt.date, _Found] = {}
    for candidate in found:
        date = candidate.read(day_first)
        if date is None or not _in_range(date, today):
            date = candidate.read(not day_first)
        if date is None or not _in_range(date, today):
            continue
        # The same day printed again speaks for it, at less than its own score.
        known = best_of.get(date)
        scores[date] = max(scores.get(date, 0.0), candidate.score) + (1.0 if known else 0.0)
        if known is None or candidate.score > known.score:
            best_of[date] = candidate
    if not scores:
        return None
    ranked = sorted(scores, key=lambda date: -scores[date])
    best = ranked[0]
    chosen = best_of[best]
    doubt = None
    settled = country_day_first is not None or evidence.day_first != evidence.month_first
    if chosen.is_open and not settled and best not in evidence.certain:
        other = chosen.read(not day_first)
        doubt = None if other is None else f"the date may be {best} or {other}"
    margin = scores[best] - (scores[ranked[1]] if len(ranked) > 1 else 0.0)
    confidence = min(0.99, 0.6 + 0.06 * scores[best] + 0.03 * min(margin, 4))
    return DateReading(best, max(0.05, confidence), chosen.row.box, chosen.row.page, doubt)


def _evidence(found: Iterable[_Found]) -> _Evidence:
    evidence = _Evidence()
    found = list(found)
    for candidate in found:
        if candidate.day_first and candidate.month_first:
            if not candidate.is_open:
                evidence.certain.add(candidate.day_first)
        elif candidate.day_first:
            evidence.day_first += 1
            evidence.certain.add(candidate.day_first)
        elif candidate.month_first:
            evidence.month_first += 1
            evidence.certain.add(candidate.month_first)
    for candidate in found:
        if candidate.is_open:
            evidence.day_first += candidate.day_first in evidence.certain
            evidence.month_first += candidate.month_first in evidence.certain
    return evidence


def _dates_of(row: Row) -> Iterable[_Found]:
    label = fold(row.text)
    context = 0.0
    if _NAMED.search(label):
        context += 2.0
    if _OTHER_DAY.search(label):
        context -= 4.0
    for line in row.lines:
        text = line.text
        timed = 1.5 if _TIME.search(row.text) else 0.0
        for match in _YEAR_FIRST.finditer(text):
            year, _, month, day = match.groups()
            certain = _date(year, month, day)
            yield _Found(certain, certain, 2.5 + context + timed, row)
        for match in _NUMERIC.finditer(text):
            first, one, second, other, year = match.groups()
            even = 0.5 if one == other else -0.5
            score = (2.0 if len(year) == 4 else 1.0) + even + context + timed
            yield _Found(_date(year, second, first), _date(year, first, second), score, row)
        for match in _DAY_MONTH_NAME.finditer(text):
            day, month, year = match.groups()
            certain = _date(year, str(_month(month)), day)
            yield _Found(certain, certain, 3.0 + context + timed, row)
        for match in _MONTH_NAME_DAY.finditer(text):
            month, day, year = match.groups()
            certain = _date(year, str(_month(month)), day)
            yield _Found(certain, certain, 3.0 + context + timed, row)
        for match in _COMPACT.finditer(text):
            first, second, year = match.groups()
            yield _Found(_date(year, second, first), _date(year, first, second), 1.0, row)


def _month(name: str) -> int:
    return _MONTHS[fold(name)]


def _date(year: str, month: str, day: str) -> dt.date | None:
    number = int(year)
    try:
        return dt.date(number if number >= 100 else 2000 + number, int(month), int(day))
    except ValueError:
        return None


def _in_range(date: dt.date, today: dt.date) -> bool:
    # A receipt from a time zone ahead of ours may be of tomorrow.
    return today.year - _OLDEST_YEARS <= date.year and date <= today + dt.timedelta(days=1)


def _plausible(candidate: _Found, today: dt.date) -> bool:
    dates = (candidate.day_first, candidate.month_first)
    return any(date is not None and _in_range(date, today) for date in dates)
