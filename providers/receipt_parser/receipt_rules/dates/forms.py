"""Forms of dates: every date in a row, with its possible readings.

A date in the future, or more than 25 years ago, cannot be the day of a purchase and is dropped.
So an ambiguous date may be left with only one possible reading.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from providers.receipt_parser.receipt_rules.dates.contexts import context_of
from providers.receipt_parser.receipt_rules.dates.months import (
    MONTH,
    month_of,
    respelt_months,
    unaccented,
)
from providers.receipt_parser.receipt_rules.rows import Row

_YEAR_FIRST = re.compile(
    r"(?<![\d.])(20\d\d)(\.\s|\s?[-/.]\s?)(\d{1,2})(?:\2|\s?[-/.]\s?)"
    r"(\d{1,2}(?!\d)|\d{2}(?=\d{2}:\d{2}))"
    r"|(20\d\d)\s?[\u5e74\ub144]\s?(\d{1,2})\s?[\u6708\uc6d4]\s?(\d{1,2})"
)
_NUMERIC = re.compile(
    # A lookahead finds overlapping matches: a number before a date may look like its start.
    r"(?<![\d.,])(?=(\d{1,2})(?:\s?([-/.])\s?|\s(?=\d\d[-/.]))(\d{1,2})\s?([-/.])\s?"
    r"(20\d\d|19\d\d|25[67]\d|\d{2}(?![.,/-]?\d)|\d{2}(?=\d{2}:\d{2})))"
)
_SPACED_YEAR = re.compile(r"(?<![\d./-])(\d{1,2})[/.](\d{1,2})\.?\s(20\d\d)(?!\d)")
_DAY_MONTH_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:ST|ND|RD|TH|ER|[\u00ba\u00b0])?[\s./-]{{0,3}}(?:(?:DE|OF"
    rf"|D')\s?)?({MONTH})"
    r"(?![A-Z])[\s.,/'-]{0,3}(?:DEL?\s)?(20\d\d|25[67]\d|\d\d)(?![\d:])"
)
_MONTH_NAME_DAY = re.compile(
    rf"(?<![A-Z])({MONTH})[\s.]{{0,2}}(\d{{1,2}})(?:ST|ND|RD|TH)?"
    r"(?:[\s,]{1,3}|(?='\d)"
    r"|[\s,]{1,3}\d{1,2}:\d\d(?::\d\d)?\s?(?:[AP]M)?\s{1,2}(?:[A-Z]{3,4}\s{1,2})?)"
    r"(20\d\d|'\d\d)(?!\d)"
)
_YEAR_MONTH_NAME = re.compile(
    rf"(?<!\d)(20\d\d)[\s.,-]{{1,3}}({MONTH})[\s.,-]{{1,3}}(\d{{1,2}})(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)(\d{2})(\d{2})(20\d\d)(?=\s+\d{1,2}[:;]\d{2})")
_COMPACT_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)(\d{2})(\d{2})(?=\s+\d{1,2}[:;]\d{2}|\s*$)")
_OF_AN_ERA = re.compile(
    r"(\u4ee4\u548c|\u6c11\u570b|\u4e2d\u83ef\u6c11\u570b"
    r"|(?<![A-Za-z])R(?=\d\.))\s?(\d{1,3})\s?[\u5e74.]\s?"
    r"(\d{1,2})\s?[\u6708.]\s?(\d{1,2})(?!\d)"
)
_BUDDHIST = 2500
_BEFORE_REIWA, _BEFORE_THE_REPUBLIC, _AFTER_BUDDHA = 2018, 1911, 543
"""Years to add, in Japan and Taiwan, and to take away in Thailand."""
_TIME_OF_DAY = re.compile(
    r"\b(?i:[O0]R[AE]|HORA|TIME|UHR(?:ZEIT)?|HEURE|TID|GODZ(?:INA)?|SAAT|KL|KLO)[.:]{0,2}\s?"
    r"[0-2]?\d[-./][0-5]\d(?:[-./][0-5]\d)?(?!\d)"
)
"""A time with the signs of a date, as some tills in Romania print it."""
_WITH_LETTERS = re.compile(r"(?<!\w)[\dOIl]{1,2}([-/.])[\dOIl]{1,2}\1[\dOIl]{2,4}(?!\w)")
"""A date in which OCR read zeros and ones as letters."""
_DIGITS = str.maketrans("OIl", "011")
_OLDEST_YEARS = 25
_RECENT_YEARS = 4
_YEAR_ALONE = re.compile(r"20\d\d(?![\d.,/-])")
_LONGEST_DAY = 40
"""In characters of the end of a line, in which a day without its year may be."""
_MOST = 8
"""Dates of one line."""
_Order = tuple[str, str, str]
"""Year, month and day."""


@dataclass(frozen=True)
class PrintedDate:
    """A date with its possible readings, and a score for its form and its row.

    ``day_first`` and ``month_first`` are the dates read in that order, or None if impossible;
    ``year_first`` is that of two digits that may be the year. ``context`` are the points that the
    words around it have.
    """

    day_first: dt.date | None
    month_first: dt.date | None
    score: float
    row: Row
    context: float = 0.0
    year_first: dt.date | None = None

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


class _Found(NamedTuple):
    """A date in a line: read in each order, points for its form, and its place in the line."""

    day_first: dt.date | None
    month_first: dt.date | None
    points: float
    span: tuple[int, int]
    year_first: dt.date | None = None


def printed_dates(
    row: Row, today: dt.date, above: Row | None = None, is_year_first: bool = False
) -> Iterator[PrintedDate]:
    """Yield the dates of a row that may be the day of the purchase.

    ``above`` is the row above, ``is_year_first`` whether ``26-03-14`` is in 2026.
    """
    for number, line in enumerate(row.lines):
        found_here = _readings(line.text, today, is_year_first)
        for found in islice(chain(found_here, _across(row, number, today)), _MOST):
            if found.day_first or found.month_first:
                context = context_of(row, above, number, found.span)
                yield PrintedDate(
                    found.day_first,
                    found.month_first,
                    found.points + context,
                    row,
                    context,
                    found.year_first,
                )


def _across(row: Row, number: int, today: dt.date) -> Iterator[_Found]:
    """Yield the dates whose year OCR found apart from the day, in the next line of a row."""
    if number + 1 == len(row.lines):
        return
    text, year = (
        row.lines[number].text[-_LONGEST_DAY:],
        _YEAR_ALONE.match(row.lines[number + 1].text),
    )
    if year is None:
        return
    start = max(len(row.lines[number].text) - _LONGEST_DAY, 0)
    for found in _with_named_months(f"{text} {year[0]}", today):
        if found.span[1] > len(text):
            yield found._replace(span=(start + found.span[0], start + len(text)))


def _readings(text: str, today: dt.date, is_year_first: bool) -> Iterator[_Found]:
    """Yield each date read day first and month first, and points for how distinctive it looks."""
    text = _WITH_LETTERS.sub(lambda date: date[0].translate(_DIGITS), text)
    text = _TIME_OF_DAY.sub(lambda time: " " * len(time[0]), text)
    for found in _OF_AN_ERA.finditer(text):
        begin = _BEFORE_REIWA if found[1] in ("\u4ee4\u548c", "R") else _BEFORE_THE_REPUBLIC
        yield _certain((str(begin + int(found[2])), found[3], found[4]), today, 2.5, found.span())
    for found in _YEAR_FIRST.finditer(text):
        parts = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
        yield _certain(parts, today, 2.5, found.span())
    for found in _NUMERIC.finditer(text):
        yield _numeric(found, today, is_year_first)
    for found in _SPACED_YEAR.finditer(text):
        first, second, year = found.groups()
        orders = _date(year, second, first, today), _date(year, first, second, today)
        yield _Found(*orders, 2.0, found.span())
    yield from _with_named_months(text, today)
    for found in _COMPACT.finditer(text):
        first, second, year = found.groups()
        orders = _date(year, second, first, today), _date(year, first, second, today)
        yield _Found(*orders, 1.0, found.span())
    for found in _COMPACT_YEAR_FIRST.finditer(text):
        yield _certain((found[1], found[2], found[3]), today, 0.5, found.span())


def _with_named_months(text: str, today: dt.date) -> Iterator[_Found]:
    named = respelt_months(unaccented(text))
    for found in _DAY_MONTH_NAME.finditer(named):
        yield _certain((found[3], month_of(found[2]), found[1]), today, 3.0, found.span())
    for found in _MONTH_NAME_DAY.finditer(named):
        year = found[3].lstrip("'")
        yield _certain((year, month_of(found[1]), found[2]), today, 3.0, found.span())
    for found in _YEAR_MONTH_NAME.finditer(named):
        yield _certain((found[1], month_of(found[2]), found[3]), today, 3.0, found.span())


def _numeric(found: re.Match[str], today: dt.date, is_year_first: bool) -> _Found:
    first, one, second, other, year = found.groups()
    points = (2.0 if len(year) == 4 else 1.0) + (0.5 if one == other else -0.5)
    span = found.start(1), found.end(5)
    may_be_year = len(first) == len(second) == len(year) == 2
    year_first = _date(first, second, year, today) if may_be_year else None
    orders = _date(year, second, first, today), _date(year, first, second, today)
    if is_year_first and one == other and year_first and _is_likely(year_first, orders, today):
        return _Found(year_first, year_first, points, span)
    return _Found(*orders, points, span, year_first)


def _is_likely(year_first: dt.date, orders: tuple[dt.date | None, ...], today: dt.date) -> bool:
    """Return whether the year comes first where it usually does: not if it were long ago then."""
    recent = [date for date in (year_first, *orders) if date and _is_recent(date, today)]
    return year_first in recent or not recent


def _is_recent(date: dt.date, today: dt.date) -> bool:
    return today.year - date.year <= _RECENT_YEARS


def _certain(parts: _Order, today: dt.date, points: float, span: tuple[int, int]) -> _Found:
    date = _date(*parts, today)
    return _Found(date, date, points, span)


def _date(year: str, month: str, day: str, today: dt.date) -> dt.date | None:
    number = int(year)
    if number > _BUDDHIST:
        number -= _AFTER_BUDDHA
    try:
        date = dt.date(number if number >= 100 else 2000 + number, int(month), int(day))
    except ValueError:
        return None
    # A receipt from a time zone ahead of ours may have tomorrow's date.
    is_possible = today.year - _OLDEST_YEARS <= date.year and date <= today + dt.timedelta(days=1)
    return date if is_possible else None
