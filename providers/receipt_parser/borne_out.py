"""What the text of a receipt bears out of what a witness says: a model, or another service.

A witness can invent values, take the cash that was handed over for the total, and obey a sentence
that somebody printed on the receipt. So each value must stand in a row that can hold it, and must
not contradict what the rules read there; what does not is a doubt, and a person decides.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import cached_property

from config import Settings
from models import amount_as_text
from providers.merchant_names import LEAST_LIKENESS, is_markup, letters_of, likeness
from providers.receipt_parser.receipt_rules.amounts import (
    Amount,
    find_amounts,
    find_whole_amounts,
)
from providers.receipt_parser.receipt_rules.currencies import CurrencyReading
from providers.receipt_parser.receipt_rules.dates import find_date
from providers.receipt_parser.receipt_rules.dates.orders import is_day_first, is_year_first
from providers.receipt_parser.receipt_rules.entries import Entry, find_entries
from providers.receipt_parser.receipt_rules.papers import paper_of
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.totals import find_total
from providers.receipt_parser.receipt_rules.totals.directions import direction_of
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, role_of

_INTEGER = re.compile(r"(?<![\d.,:/-])(?:\d{1,3}(?:[.,' ]\d{3})+|\d{1,12})(?![\d:/%-]|[.,]\d)")
_BLANK_OF_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_SAY_SO = _TOTALS | {Role.CARD}
"""Roles of the rows that may hold a total where others are labelled as totals, too."""
_UNLABELLED = frozenset({Role.NONE, Role.SUBTOTAL, Role.COUNT})
"""Roles of the rows that may hold it where no row is labelled as a total."""
_SENTENCE = re.compile(
    r"\b(IS|ARE|WAS|WILL|MUST|SHALL|SHOULD|IST|SIND|EST|SONT|IGNORE|INSTRUCTIONS?|ANSWER|REPLY"
    r"|RESPOND|ASSISTANT|SYSTEM|PROMPT)\b"
)
_MOST_WORDS = 9
"""Of a label; what has more is a sentence."""
_LONGEST_ROW = 200
"""In characters of a row that are looked at."""
_NAME_ROWS = 3
"""A name may be printed over so many rows."""
_MOST_NAME_ROWS = 120
"""Rows that are looked at for a name, one half from the top and one from the end."""
_LEAST_LETTERS = 4
"""A name of fewer letters must be whole words of a row: it is a part of too many others."""


class PrintedReceipt:
    """The rows of a receipt, and what the rules read in them for a currency."""

    def __init__(self, rows: list[Row], currency: str | None, digits: int) -> None:
        self._rows = rows
        self._currency = currency
        self._digits = digits

    @cached_property
    def _entries(self) -> list[Entry]:
        """The rows with amounts, without sentences: nobody prints a total in one."""
        entries = find_entries(self._rows, self._digits)
        return [entry for entry in entries if not _is_sentence(entry.row)]

    # --- amounts --------------------------------------------------------------------------------

    @cached_property
    def _amounts(self) -> dict[int, frozenset[int]]:
        """The amounts in minor units that each row may hold, without their signs."""
        texts = {
            # In much of Europe a blank separates thousands: 1 234,50.
            index: (row.text[:_LONGEST_ROW], _BLANK_OF_THOUSANDS.sub("", row.text[:_LONGEST_ROW]))
            for index, row in enumerate(self._rows)
        }
        with_point = {
            index: {a.cents for text in two for a in find_amounts(text, self._digits)}
            for index, two in texts.items()
        }
        found = {
            index: with_point[index]
            | {a.cents for text in two for a in find_whole_amounts(text, self._digits)}
            for index, two in texts.items()
        }
        if not (any(with_point.values()) and self._digits):
            # A receipt without any decimals is in a currency that has none, such as yen.
            for index, two in texts.items():
                found[index] |= {self._minor(n) for text in two for n in _INTEGER.findall(text)}
        return {index: frozenset(map(abs, amounts)) for index, amounts in found.items()}

    def _minor(self, number: str) -> int:
        return int(re.sub(r"\D", "", number)) * int(10**self._digits)

    def rows_with(self, amount: int) -> list[Row]:
        """Return the rows that print the amount; those that can hold a total come first."""
        found = [(index, row) for index, row in enumerate(self._rows) if self._holds(index, amount)]
        found.sort(key=lambda one: self._role(one[0], amount) in _TOTALS, reverse=True)
        return [row for _, row in found]

    def _holds(self, index: int, amount: int) -> bool:
        return abs(amount) in self._amounts[index]

    def _role(self, index: int, amount: int) -> Role:
        """Return what the words before an amount say, or else what those of its row do."""
        text = self._rows[index].text[:_LONGEST_ROW]
        before = _words_before(text, abs(amount), self._digits)
        if before and (own := role_of(fold(before))) is not Role.NONE:
            return own
        entry = next((entry for entry in self._entries if entry.index == index), None)
        if entry is not None and entry.in_summary:
            return Role.TAX
        return entry.role if entry is not None else role_of(self._rows[index].label)

    def total_doubts(self, total: int) -> Iterator[str]:
        """Yield what speaks against a total in minor units, in words."""
        said = amount_as_text(total, self._currency)
        standing = [index for index in range(len(self._rows)) if self._holds(index, total)]
        if not standing:
            yield f"the total {said} does not occur on the receipt"
            return
        roles = {
            self._role(index, total) for index in standing if not _is_sentence(self._rows[index])
        }
        labelled = {
            abs(entry.cents)
            for entry in self._entries
            if entry.role in _TOTALS and not entry.in_summary and entry.cents
        }
        if not (roles & _SAY_SO if labelled else self._may_be_unlabelled(total, roles)):
            yield f"no row says that the total is {said}"
            return
        yield from self._contradictions(total, said, labelled)

    def _may_be_unlabelled(self, total: int, roles: set[Role]) -> bool:
        """Return whether it may be the total although no row that the rules know says so."""
        if roles & _SAY_SO:
            return True
        if not roles & _UNLABELLED:
            return False
        others = {
            amount
            for index, row in enumerate(self._rows)
            if not _is_sentence(row)
            for amount in self._amounts[index]
            if self._role(index, amount) in _UNLABELLED
        }
        return abs(total) >= max(others, default=0)

    def _contradictions(self, total: int, said: str, labelled: set[int]) -> Iterator[str]:
        paper = paper_of(self._rows, self._entries)
        yield from paper.doubts
        direction = direction_of(self._entries, paper)
        if direction.doubt:
            yield direction.doubt
        elif (total < 0) != (direction.sign < 0):
            yield f"the total may be {said} or {amount_as_text(-total, self._currency)}"
            return
        read = find_total(self._entries, self._currency, paper)
        is_read = read is not None and abs(read.cents) == abs(total)
        if read is not None and read.doubt is None:
            if not is_read:
                other = amount_as_text(read.cents, self._currency)
                yield f"the total may be {said} or {other}"
            return
        if others := sorted(labelled - {abs(total)}):
            words = ", ".join(amount_as_text(other, self._currency) for other in others[:3])
            yield f"the total may be {said} or {words}"

    def tax_doubts(self, tax: int) -> Iterator[str]:
        """Yield what speaks against a tax in minor units, in words."""
        if not self.rows_with(tax):
            said = amount_as_text(tax, self._currency)
            yield f"the tax {said} does not occur on the receipt"

    # --- dates ----------------------------------------------------------------------------------

    def rows_dated(self, date: dt.date) -> list[Row]:
        """Return the rows that print the day, read in both orders of day and month."""
        today = dt.datetime.now(dt.UTC).date()
        return [
            row
            for row in self._rows
            if any(
                found is not None and found.date == date
                for found in (find_date([row], today, first) for first in (True, False))
            )
        ]

    def date_doubts(self, date: dt.date, settings: Settings) -> Iterator[str]:
        """Yield what speaks against the day of the purchase, in words."""
        if not self.rows_dated(date):
            yield f"the date {date} does not occur on the receipt"
            return
        read = find_date(
            self._rows,
            dt.datetime.now(dt.UTC).date(),
            is_day_first(self._currency, settings),
            is_year_first(self._currency, self._rows),
        )
        # Where the receipt does not tell day from month, the witness does.
        if read is not None and read.doubt is None and read.date != date:
            yield f"the date may be {date} or {read.date}"

    # --- merchants ------------------------------------------------------------------------------

    def rows_named(self, merchant: str) -> list[Row]:
        """Return the rows that print a name, the likeliest first."""
        rows = self._rows
        if len(rows) > _MOST_NAME_ROWS:
            rows = rows[: _MOST_NAME_ROWS // 2] + rows[-_MOST_NAME_ROWS // 2 :]
        found = []
        for start, row in enumerate(rows):
            for count in range(1, _NAME_ROWS + 1):
                words = " ".join(one.text[:_LONGEST_ROW] for one in rows[start : start + count])
                if _names(words, merchant):
                    found.append((count, row))
                    break
        return [row for _, row in sorted(found, key=lambda one: one[0])]

    def merchant_doubts(self, merchant: str) -> Iterator[str]:
        """Yield what speaks against a name, in words."""
        if not self.rows_named(merchant):
            yield f"the merchant {merchant} does not occur on the receipt"
        elif is_markup(merchant):
            yield f"{merchant} may not be the merchant"


def currency_doubts(said: str | None, read: CurrencyReading | None) -> Iterator[str]:
    """Yield what speaks against a currency, in words; ``read`` is what the text tells."""
    if read is None:
        if said is not None:
            yield f"the currency {said} does not occur on the receipt"
    elif read.doubt is not None:
        yield read.doubt
    elif said is not None and said != read.code:
        yield f"the currency may be {said} or {read.code}"


def _is_sentence(row: Row) -> bool:
    label = row.label[:_LONGEST_ROW]
    words = [word for word in label.split() if len(word) > 1 and word.isalpha()]
    return len(words) > _MOST_WORDS or bool(_SENTENCE.search(label))


def _words_before(text: str, amount: int, digits: int) -> str:
    """Return the words between an amount of a row and the amount before it."""
    found: list[Amount] = find_amounts(text, digits) or find_whole_amounts(text, digits)
    before = 0
    for one in found:
        if abs(one.cents) == amount:
            words = text[before : one.start]
            return words if any(map(str.isalpha, words)) else ""
        before = one.end
    return ""


def _names(words: str, merchant: str) -> bool:
    """Return whether words hold a name, or are it but for some letters."""
    printed, said = letters_of(fold(words)), letters_of(fold(merchant))
    if len(said) < _LEAST_LETTERS:
        return f" {fold(merchant)} " in f" {fold(words)} " and bool(said)
    return said in printed or likeness(printed, said) >= LEAST_LIKENESS
