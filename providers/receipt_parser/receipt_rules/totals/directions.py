"""Directions: whether the money was spent, or went back.

A refund prints its total with a minus, or says in its title what it is. A minus alone may be a
stain: it counts if other rows have it, too.
"""

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


_SPENT = Direction(1)
_IN_PART = "only a part may have been refunded"
_SURELY_SPENT = 2
"""Amounts without a minus that outweigh the minus of the total."""


def direction_of(entries: list[Entry], paper: Paper) -> Direction:
    """Return in which direction the money went."""
    outside = [entry for entry in entries if not entry.in_summary and entry.cents]
    totals = [entry.cents < 0 for entry in outside if entry.role in _TOTALS]
    others = [entry.cents < 0 for entry in outside if entry.role in _OTHERS]
    if totals and all(totals):
        return _of_a_minus(others, paper)
    if any(totals) and (totals[-1] or paper.is_refund):
        return Direction(-1 if paper.is_refund else 1, doubt="only some totals have a minus")
    if paper.is_refund:
        is_mixed = any(others) or any(entry.role is Role.CHANGE for entry in outside)
        return Direction(-1, doubt=_IN_PART if is_mixed else None)
    if paper.mentions_refund:
        return Direction(1, doubt="money may have been refunded")
    if sum(others) * 2 > len(others):
        return Direction(1, doubt="most amounts have a minus")
    return _SPENT


def _of_a_minus(others: list[bool], paper: Paper) -> Direction:
    """Return the direction if every total has a minus; ``others`` says which other amounts do."""
    if sum(others) * 2 > len(others):
        return Direction(-1, is_printed=True)
    if paper.is_refund:
        return Direction(-1, is_printed=True, doubt=_IN_PART)
    if not paper.mentions_refund and len(others) - sum(others) >= _SURELY_SPENT:
        return _SPENT  # it is a stain
    return Direction(-1, is_printed=True, doubt="the total has a minus, other amounts have none")
