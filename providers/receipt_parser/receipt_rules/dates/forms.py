"""Forms of dates: every date in a row, with its possible readings.

A date in the future, or more than 25 years ago, cannot be the day of a purchase and is dropped.
So an ambiguous date may be left with only one possible reading.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

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
    # A lookahead finds overlapping matches: a number before a date may look like its start.
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
_COMPACT_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)(\d{2})(\d{2})(?=\s+\d{1,2}[:;]\d{2}|\s*$)")
_WITH_LETTERS = re.compile(r"(?<!\w)[\dOIl]{1,2}([-/.])[\dOIl]{1,2}\1[\dOIl]{2,4}(?!\w)")
"""A date in which OCR read zeros and ones as letters."""
_TIME = re.compile(r"\d{1,2}[:;.]\d{2}(?:[:.]\d{2})?\s*(?:[AP]M|UHR|H)?\b", re.I)

_NAMED = re.compile(r"\bDATE\b|\bDATUM\b|\bTARIKH\b|\bBIZDATE\b|\bDT\b|DATE\b")
_OTHER_DAY = re.compile(
    r"EXPIR|\bEXP\b|VALID|UNTIL|\bDUE\b|MEMBER SINCE|BIRTH|GUELTIG|BIS\b|WARRANTY|\bACT\b|BEFORE"
    r"|EFFECTIVE|RETURN"
)
_DIGITS = str.maketrans("OIl", "011")
_OLDEST_YEARS = 25


@dataclass(frozen=True)
class PrintedDate:
    """A date with its possible readings, and a score for its form and its row.

    ``day_first`` and ``month_first`` are the dates read in that order, or None if impossible.
    """

    day_first: dt.date | None
    month_first: dt.date | None
    score: float
    row: Row

    @property
    def is_open(self) -> bool:
        """Whether it is ambiguous: both orders are possible and mean different dates."""
        return None not in (self.day_first, self.month_first) and not self.is_certain

    @property
    def is_certain(self) -> bool:
        """Whether both orders mean the same date."""
        return self.day_first == self.month_first

    def read(self, day_first: bool) -> dt.date:
        """Return the date in the given order, or in the other one if only that is possible."""
        ordered = (self.day_first, self.month_first)
        return next(date for date in (ordered if day_first else ordered[::-1]) if date)


def printed_dates(row: Row, today: dt.date) -> Iterator[PrintedDate]:
    """Yield the dates of a row that may be the day of the purchase."""
    context = _context(row.label)
    if _TIME.search(row.text):
        context += 1.5
    for line in row.lines:
        for day_first, month_first, score in _readings(line.text, today):
            if day_first or month_first:
                yield PrintedDate(day_first, month_first, score + context, row)


def _context(label: str) -> float:
    points = 2.0 if _NAMED.search(label) else 0.0
    return points - 4.0 if _OTHER_DAY.search(label) else points


def _readings(text: str, today: dt.date) -> Iterator[tuple[dt.date | None, dt.date | None, float]]:
    """Yield each date read day first and month first, and points for how distinctive it looks."""
    text = _WITH_LETTERS.sub(lambda date: date[0].translate(_DIGITS), text)
    for year, _, month, day in _YEAR_FIRST.findall(text):
        certain = _date(year, month, day, today)
        yield certain, certain, 2.5
    for first, one, second, other, year in _NUMERIC.findall(text):
        points = (2.0 if len(year) == 4 else 1.0) + (0.5 if one == other else -0.5)
        yield _date(year, second, first, today), _date(year, first, second, today), points
    for day, month, year in _DAY_MONTH_NAME.findall(text):
        certain = _date(year, _month(month), day, today)
        yield certain, certain, 3.0
    for month, day, year in _MONTH_NAME_DAY.findall(text):
        certain = _date(year, _month(month), day, today)
        yield certain, certain, 3.0
    for first, second, year in _COMPACT.findall(text):
        yield _date(year, second, first, today), _date(year, first, second, today), 1.0
    for year, month, day in _COMPACT_YEAR_FIRST.findall(text):
        certain = _date(year, month, day, today)
        yield certain, certain, 0.5


def _month(name: str) -> str:
    return str(_MONTHS[fold(name)])


def _date(year: str, month: str, day: str, today: dt.date) -> dt.date | None:
    number = int(year)
    try:
        date = dt.date(number if number >= 100 else 2000 + number, int(month), int(day))
    except ValueError:
        return None
    # A receipt from a time zone ahead of ours may have tomorrow's date.
    is_possible = today.year - _OLDEST_YEARS <= date.year and date <= today + dt.timedelta(days=1)
    return date if is_possible else None
