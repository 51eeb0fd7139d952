"""Kinds of paper: refunds, what is no receipt, and what is void, by their titles and phrases."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.papers.titles import (
    columns_of,
    consists_of,
    has_title,
    is_short,
)
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary.papers.interim import (
    FISCAL_RECEIPTS,
    NO_RECEIPTS,
)
from providers.receipt_parser.receipt_rules.vocabulary.papers.offers import NO_INVOICES, REFERENCES
from providers.receipt_parser.receipt_rules.vocabulary.papers.refunds import (
    JOURNEYS,
    REFUND_DOCUMENTS,
    REFUND_TITLES,
    WEAK_REFUND_TITLES,
)
from providers.receipt_parser.receipt_rules.vocabulary.papers.titles import INVOICES
from providers.receipt_parser.receipt_rules.vocabulary.papers.voids import (
    AROUND_STATES,
    SUBJECTS,
    VOID_ANYWHERE,
    VOID_STATES,
    VOID_STATES_OF_SOMETHING,
)

_LONGEST_NOTICE = 110
"""In characters of a folded label: a longer one is terms."""
_CONDITIONS = re.compile(
    r"\b(IF|WITHOUT|UNLESS|WHERE|WHEN|UMTAUSCH|GARANTIE|RUIL\w*|ECHANGE|CAMBIOS?|EXCHANGE|REFUNDS?"
    r"|RETURNS?|WARRANTY|GUARANTEE)\b"
)
"""Words of terms: "no receipt, no exchange" does not say that this is none."""


@dataclass(frozen=True)
class _Label:
    """A folded label: of a row, or of one of its columns."""

    text: str
    row: Row
    has_amount: bool
    is_column: bool
    index: int


class Labels:
    """The labels of the rows and of their columns, in which titles are looked for."""

    def __init__(self, rows: list[Row], entries: list[Entry]) -> None:
        self.rows = rows
        with_amounts = {entry.index for entry in entries}
        self.all = [
            _Label(text, row, index in with_amounts, is_column, index)
            for index, row in enumerate(rows)
            for text, is_column in _texts(row, index in with_amounts)
        ]
        self.short = [label for label in self.all if is_short(label.text)]

    def titles(self) -> Iterator[_Label]:
        """Yield the short labels of rows without an amount."""
        return (label for label in self.short if not label.has_amount)

    @cached_property
    def first_invoice(self) -> float:
        """Return the number of the first row that calls the paper an invoice, or infinity."""
        return next(
            (float(each.index) for each in self.titles() if has_title(each.text, INVOICES)),
            float("inf"),
        )

    @cached_property
    def is_journey(self) -> bool:
        """Whether words of tickets and rentals are printed."""
        return any(JOURNEYS.is_within(label.text) for label in self.all)


def _texts(row: Row, has_amount: bool) -> Iterator[tuple[str, bool]]:
    yield row.label, False
    if not has_amount:
        yield from ((column, True) for column in columns_of(row) if column != row.label)


def money_back(labels: Labels) -> Literal["title", "words"] | None:
    """Return whether a title says that money came back, or only other words do.

    An invoice may refer to a credit note below its own title.
    """
    is_said = False
    for label in labels.titles():
        if has_title(label.text, REFUND_DOCUMENTS, is_free=True):
            if label.index <= labels.first_invoice:
                return "title"
            is_said = True
        elif has_title(label.text, REFUND_TITLES):
            return "title"
        elif has_title(label.text, WEAK_REFUND_TITLES) and not labels.is_journey:
            if not label.is_column:
                return "title"
            is_said = True
        elif REFUND_DOCUMENTS.is_within(label.text):
            is_said = True
    return "words" if is_said else None


def no_receipt(labels: Labels) -> Row | None:
    """Return the row that says that the paper is no receipt."""
    is_fiscal = any(FISCAL_RECEIPTS.is_within(label.text) for label in labels.titles())
    if not is_fiscal:
        for label in labels.all:
            is_notice = len(label.text) <= _LONGEST_NOTICE and not _CONDITIONS.search(label.text)
            if is_notice and NO_RECEIPTS.is_within(label.text):
                return label.row
    first_invoice = labels.first_invoice
    for label in labels.short:
        if has_title(label.text, NO_INVOICES, is_free=True):
            return label.row
        if label.index < first_invoice and has_title(label.text, REFERENCES, is_free=True):
            return label.row
    return None


def void(labels: Labels) -> Row | None:
    """Return the row that says that what is printed was cancelled, declined or an exercise."""
    for label in labels.titles():
        is_refund = has_title(label.text, REFUND_DOCUMENTS)
        if not is_refund and (_says_void(label.text) or VOID_ANYWHERE.is_within(label.text)):
            return label.row
    return None


def _says_void(label: str) -> bool:
    families = (VOID_STATES, VOID_STATES_OF_SOMETHING, SUBJECTS, AROUND_STATES)
    said = set(consists_of(label, *families))
    return -1 not in said and (0 in said or {1, 2} <= said)
