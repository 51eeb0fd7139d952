"""Directions: whether the money was spent, or went back.

A refund prints its total with a minus, or says in its title what it is. A minus alone may be a
stain: it counts if other rows have it, too.
"""

import re
from dataclasses import dataclass, replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.papers import Paper
from providers.receipt_parser.receipt_rules.vocabulary import Role

_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_OTHERS = frozenset({Role.NONE, Role.SUBTOTAL, Role.NET, Role.TAX, Role.CARD, Role.CASH})


@dataclass(frozen=True)
class Direction:
    """The sign of the total, and a doubt in words if the receipt contradicts itself.

    ``is_printed`` says whether the amounts have the minus.
    """

    sign: int
    is_printed: bool = False
    doubt: str | None = None

    def turned(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries as if the money had been spent, which the arithmetic knows."""
        if not self.is_printed:
            return entries
        return [
            replace(entry, amounts=tuple(-cents for cents in entry.amounts)) for entry in entries
        ]


_PAYMENTS = frozenset({Role.CARD, Role.CASH})
_KEPT = re.compile(
    r"\b\w*(GEBUEHR(EN)?|ENTGELT|KOSTEN|PAUSCHALE)\b|\b(FEES?|CHARGES?|FRAIS|GASTOS|COMISION|SPESE"
    r"|COSTI|PENALI?|PENALTY|AVGIFT|GEBYR|KULUT?|OPLATA|POPLATEK|DIJ|TAXA|RETENUE|RESTOCKING)\b"
)
"""What a seller keeps of a refund."""
_SPENT = Direction(1)
_NOT_ALL = "only some totals have a minus"
_IN_PART = "only a part may have been refunded"
_SURELY_SPENT = 2
"""Amounts without a minus that outweigh the minus of the total."""


def direction_of(entries: list[Entry], paper: Paper) -> Direction:
    """Return in which direction the money went."""
    outside = [entry for entry in entries if not entry.in_summary and entry.cents]
    sums = [entry.cents for entry in outside if entry.role in _TOTALS]
    totals = [cents < 0 for cents in sums]
    rest = [entry for entry in outside if entry.role in _OTHERS]
    if paper.is_refund:
        rest = [entry for entry in rest if not _pays_back(entry, sums)]
    others = [entry.cents < 0 for entry in rest]
    if totals and all(totals):
        return _of_a_minus(others, paper)
    if paper.is_refund:
        return _of_a_refund(sums, rest, any(entry.role is Role.CHANGE for entry in outside))
    if any(totals) and totals[-1]:
        return Direction(1, doubt=_NOT_ALL)
    if paper.mentions_refund:
        return Direction(1, doubt="money may have been refunded")
    if sum(others) * 2 > len(others):
        return Direction(1, doubt="most amounts have a minus")
    return _SPENT


def _of_a_refund(totals: list[int], others: list[Entry], has_change: bool) -> Direction:
    """Return the direction if not every total of a refund has a minus, in minor units."""
    minuses = [entry.cents < 0 for entry in others]
    if any(cents < 0 for cents in totals):
        # The difference has the minus, and what is paid back has none.
        is_same = len({abs(cents) for cents in totals}) == 1
        is_printed = is_same and bool(minuses) and all(minuses)
        return Direction(-1, is_printed, doubt=None if is_same else _NOT_ALL)
    if _is_less_a_fee(others, totals):
        return Direction(-1)
    return Direction(-1, doubt=_IN_PART if any(minuses) or has_change else None)


def _pays_back(entry: Entry, totals: list[int]) -> bool:
    """Return whether it is the whole total, as it was handed over or went to a card."""
    return entry.role in _PAYMENTS and abs(entry.cents) in map(abs, totals)


def _is_less_a_fee(others: list[Entry], totals: list[int]) -> bool:
    """Return whether what has a minus are fees that were kept, and the total is what is left."""
    kept = [entry for entry in others if entry.cents < 0]
    is_kept = bool(kept) and all(_KEPT.search(entry.label) for entry in kept)
    return is_kept and bool(totals) and {sum(entry.cents for entry in others)} == set(totals)


def _of_a_minus(others: list[bool], paper: Paper) -> Direction:
    """Return the direction if every total has a minus; ``others`` says which other amounts do."""
    if sum(others) * 2 > len(others) or (paper.is_refund and not others):
        return Direction(-1, is_printed=True)
    if paper.is_refund:
        return Direction(-1, is_printed=True, doubt=_IN_PART)
    if not paper.mentions_refund and len(others) - sum(others) >= _SURELY_SPENT:
        return _SPENT  # it is a stain
    return Direction(-1, is_printed=True, doubt="the total has a minus, other amounts have none")
