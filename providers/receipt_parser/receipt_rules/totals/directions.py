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
    r"|COSTI|PENALI?|PENALTY|AVGIFT|GEBYR|KULUT?|OPLATA|POPLATEK|DIJ|TAXA|RETENUE|RESTOCKING|TRATTENUTA|RETENCION|EINBEHALT\w*|INGEHOUDEN"
    r"|FRADRAG|AVDRAG|RETENCAO|DEDUCTION|POTRACENIE|SRAZKA|VIDENAROK|KEZELESI)\b"
)
"""What a seller keeps of a refund."""
_WENT_BACK = _PAYMENTS | {Role.CHANGE, Role.NONE}
_BACK = re.compile(
    r"\b(REFUND\w*|REMBOURS\w*|A RENDRE|RENDU|ERSTATT\w*|RUECKERSTATT\w*|RUECKZAHL\w*|AUSZAHLUNG"
    r"|ZURUECK|TERUG\w*|TILLBAKA|ATERBETAL\w*|AATERBETAL\w*|TILBAGE\w*|TILBAKE\w*|ZWROT|ZWROCONO"
    r"|DEVOL\w*|DEVUELTO|REEMBOLS\w*|RIMBORS\w*|RESO|VRACEN\w*|VRATEN\w*|PALAUT\w*|VISSZA\w*"
    r"|RAMBURS\w*|RESTITUI\w*|IADE|POVRAT|CHANGE)\b"
)
"""Words for what is given back."""
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
        return _of_a_minus(others, paper, _is_paid_back(outside, sums))
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


def _is_paid_back(entries: list[Entry], totals: list[int]) -> bool:
    """Return whether the articles come to the total, below zero, and a row says that it went back.

    Of an exchange, only the articles that were returned have a minus.
    """
    if len(set(totals)) != 1:
        return False
    total = totals[0]
    articles = sum(entry.cents for entry in entries if entry.role is Role.NONE)
    return articles == total and any(
        entry.role in _WENT_BACK and abs(entry.cents) == -total and _BACK.search(entry.label)
        for entry in entries
    )


def _pays_back(entry: Entry, totals: list[int]) -> bool:
    """Return whether it is the whole total, as it was handed over or went to a card."""
    return entry.role in _PAYMENTS and abs(entry.cents) in map(abs, totals)


def _is_less_a_fee(others: list[Entry], totals: list[int]) -> bool:
    """Return whether what has a minus are fees that were kept, and the total is what is left."""
    kept = [entry for entry in others if entry.cents < 0]
    is_kept = bool(kept) and all(_KEPT.search(entry.label) for entry in kept)
    return is_kept and bool(totals) and {sum(entry.cents for entry in others)} == set(totals)


def _of_a_minus(others: list[bool], paper: Paper, is_paid_back: bool) -> Direction:
    """Return the direction if every total has a minus; ``others`` says which other amounts do."""
    if is_paid_back or sum(others) * 2 > len(others) or (paper.is_refund and not others):
        return Direction(-1, is_printed=True)
    if paper.is_refund:
        return Direction(-1, is_printed=True, doubt=_IN_PART)
    if not paper.mentions_refund and len(others) - sum(others) >= _SURELY_SPENT:
        return _SPENT  # it is a stain
    return Direction(-1, is_printed=True, doubt="the total has a minus, other amounts have none")
