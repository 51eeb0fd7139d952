"""Proofs: what the receipt's own arithmetic says for and against each amount.

Cash less change, the subtotal with tax and rounding, the tax table, the sum of the items: each
is printed independently of the word "total". So an amount that several of them lead to was
neither misread nor taken from the wrong row.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, pairwise, product

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_BASES = frozenset({Role.GRAND_TOTAL, Role.TOTAL, Role.SUBTOTAL, Role.NET, Role.COUNT})
_RESULTS = _BASES | {Role.CARD, Role.NONE}
_ADJUSTMENTS = frozenset({Role.TAX, Role.SERVICE, Role.ROUNDING, Role.DISCOUNT})
_BESIDE_ITEMS = frozenset({Role.COUNT, Role.ASIDE, Role.ROUNDING})
_MOST_ADJUSTMENTS = 6
_MOST_BASES = 40
_MOST_PAYMENTS = 12
_MOST_TOTALS = 16
_MOST_RATES = 8
_FARTHEST = 40
"""In rows with amounts. All of these are far more than receipts have: a file that has more is made
to keep the parser busy."""
_PAYMENTS = frozenset({Role.CASH, Role.CARD})
_RATE = re.compile(r"(\d{1,2})(?: \d{1,2})? ?%")
_EXACT_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")
_LONGEST = 100
"""In characters of a row that are looked at."""
_FEE = re.compile(
    r"\b(FEES?|CHARGES?|LEVY|LEVIES|GEBUEHR(EN)?|ENTGELT|FRAIS|TAXES?|TASAS?|CARGOS?|TOESLAG|KOSTEN"
    r"|AVGIFT(ER)?|GEBYR(ER)?|OPLATA|POPLATEK|TAXAS?|COSTI|SPESE|PRISTOJB[AE])\b"
)
_LEAST_TAX = 10
"""In minor units: a smaller tax fits too many totals."""
_CLOSE = 2
"""In minor units: how much tills differ in rounding taxes."""


@dataclass
class Candidate:
    """An amount in minor units that may be the total: its points, proofs and objections."""

    cents: int
    entry: Entry
    label_points: float
    points: float
    proofs: set[str] = field(default_factory=set)
    objections: set[str] = field(default_factory=set)

    def prove(self, proof: str, points: float) -> None:
        """Add the points of a proof; each kind counts once."""
        if proof not in self.proofs:
            self.proofs.add(proof)
            self.points += points

    def object(self, objection: str, points: float) -> None:
        """Subtract the points of an objection; each kind counts once."""
        if objection not in self.objections:
            self.objections.add(objection)
            self.points -= points


Candidates = dict[int, Candidate]
"""By amount in minor units."""


def weigh_arithmetic(
    candidates: Candidates, entries: list[Entry], measured: frozenset[int] = frozenset()
) -> None:
    """Add proofs and objections to the candidates by all arithmetic of the receipt.

    ``measured`` are so many litres, or hours, at the price of one, in minor units.
    """
    outside = [entry for entry in entries if not entry.in_summary]
    _weigh_payment(candidates, outside)
    _weigh_adjustments(candidates, outside)
    _weigh_parts(candidates, outside)
    _weigh_tax_table(candidates, entries)
    _weigh_tax_share(candidates, entries)
    _weigh_items(candidates, outside)
    _weigh_measures(candidates, measured)


def what_was_paid(entries: list[Entry]) -> set[int]:
    """Return the totals, in minor units, that the printed payments are consistent with."""
    paid, back = _handed_over(entries), _came_back(entries)
    less_change = {amount - change for amount, change in product(paid, back)}
    less_change.add(sum(paid) - sum(back))
    # Some tills print the change as a second payment with the opposite sign.
    balance = abs(sum(e.cents for e in entries if e.role in _PAYMENTS and not e.in_summary))
    return {cents for cents in less_change | _sums(paid) | {balance} if cents > 0}


def _handed_over(entries: list[Entry]) -> list[int]:
    paid = [abs(e.cents) for e in entries if e.role in _PAYMENTS and not e.in_summary and e.cents]
    return paid[:_MOST_PAYMENTS]


def _came_back(entries: list[Entry]) -> list[int]:
    """Return the change: by its name, or what makes cash a total, whatever it is called."""
    outside = [entry for entry in entries if not entry.in_summary]
    back = [abs(entry.cents) for entry in outside if entry.role is Role.CHANGE]
    totals = {entry.cents for entry in outside if entry.role in _TOTALS}
    for cash, below in pairwise(outside):
        if cash.role is Role.CASH and below.role is Role.NONE and below.cents:
            back += [abs(below.cents)] * (abs(cash.cents) - abs(below.cents) in totals)
    return back[:_MOST_PAYMENTS]


def _sums(paid: list[int]) -> set[int]:
    """Return each payment, their sum, and the sum without repeats (as on a card slip)."""
    return {*paid, sum(paid), sum(set(paid))}


def _weigh_payment(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove an amount that equals a payment less the change, or a payment."""
    paid = _handed_over(entries)
    for amount, change in product(paid, _came_back(entries)):
        candidate = candidates.get(amount - change)
        if candidate is not None:
            candidate.prove("cash less change", 3.0)
            if change and amount in candidates:
                candidates[amount].object("was handed over", 1.0)
    for amount in _sums(paid):
        candidate = candidates.get(amount)
        if candidate is not None and candidate.entry.role not in _PAYMENTS:
            candidate.prove("payment", 1.5)


def _weigh_adjustments(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove an amount that equals a base plus the adjustments printed between the two."""
    bases = [position for position, entry in enumerate(entries) if entry.role in _BASES]
    for position in bases[:_MOST_BASES]:
        base = entries[position]
        for result, sums in _with_sums(base, entries[position + 1 : position + 1 + _FARTHEST]):
            if result.role not in _RESULTS or result.cents not in candidates:
                continue
            if result.cents != base.cents and result.cents - base.cents in sums:
                candidates[result.cents].prove("adjustments", 2.0)
                if base.cents in candidates:
                    candidates[base.cents].object("before adjustments", 2.0)


def _with_sums(base: Entry, entries: list[Entry]) -> Iterator[tuple[Entry, set[int]]]:
    """Yield each entry with all possible sums of the adjustments above it.

    Each adjustment may be included in the base already.
    """
    sums = {0}
    added = 0
    for entry in entries:
        yield entry, sums - {0}
        is_share = _is_share(entry, base)
        if (is_share or _is_added(entry)) and entry.cents and added < _MOST_ADJUSTMENTS:
            added += 1
            signed = (entry.cents,) if is_share else tuple(_signed(entry))
            sums = sums | {total + cents for total in sums for cents in signed}


def _is_share(entry: Entry, base: Entry) -> bool:
    """Return whether an amount is the share of a net sum that its row prints, with this sign.

    Taxes of towns and of one trade have names that nobody knows all of, and a tax withheld has a
    minus. What is withheld from a total leaves two sums that may be meant: that is no share.
    """
    if entry.role not in (Role.NONE, Role.TAX) or base.role not in (Role.NET, Role.SUBTOTAL):
        return False
    rates = _EXACT_RATE.findall(entry.row.text[:_LONGEST])[:_MOST_RATES]
    shares = (Decimal(rate.replace(",", ".")) * base.cents / 100 for rate in rates)
    return any(share > 0 and abs(share - abs(entry.cents)) <= 1 for share in shares)


def _is_added(entry: Entry) -> bool:
    """Return whether it may come on top of a base, as taxes do, and fees by their names."""
    is_fee = entry.role is Role.NONE and bool(_FEE.search(entry.label))
    return is_fee or entry.role in _ADJUSTMENTS


def _signed(adjustment: Entry) -> Iterator[int]:
    cents = abs(adjustment.cents)
    if adjustment.role is not Role.DISCOUNT:
        yield cents
    # OCR often loses the minus of a rounding.
    if adjustment.role in (Role.DISCOUNT, Role.ROUNDING):
        yield -cents


def _weigh_parts(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove a total that is the sum of two others, such as those of two tax rates."""
    totals = [entry for entry in entries if entry.role in _TOTALS][:_MOST_TOTALS]
    for one, other in combinations(totals, 2):
        candidate = candidates.get(one.cents + other.cents)
        if candidate is not None and candidate.entry.role in _TOTALS:
            candidate.prove("sum of totals", 2.0)
            for part in (one, other):
                if part.cents in candidates:
                    candidates[part.cents].object("a part", 2.0)


def _weigh_tax_table(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove an amount that is the sum of net and tax, of one rate or of the whole tax table."""
    gross = 0
    for entry in entries:
        amounts = sorted(abs(cents) for cents in entry.amounts)
        if len(amounts) >= 3 and amounts[-3] and abs(amounts[-3] + amounts[-2] - amounts[-1]) <= 1:
            _prove_close(candidates, amounts[-1], "tax table", 1.5)
        if not entry.in_summary or entry.role in _TOTALS or len(amounts) < 2:
            continue
        whole = amounts[-1] if len(amounts) > 2 else sum(amounts)
        _prove_close(candidates, whole, "tax table", 1.5)
        gross += whole
    _prove_close(candidates, gross, "tax table", 1.5)


def _prove_close(candidates: Candidates, cents: int, proof: str, points: float) -> None:
    """Prove the labelled candidates that differ from ``cents`` by no more than rounding."""
    for near in range(cents - _CLOSE, cents + _CLOSE + 1):
        candidate = candidates.get(near)
        if candidate is not None and candidate.label_points:
            candidate.prove(proof, points)


def _weigh_tax_share(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove an amount whose included tax, at a printed rate, is printed as well."""
    rates = {int(rate) for entry in entries for rate in _RATE.findall(entry.label)} - {0}
    taxes = {abs(entry.cents) for entry in entries if "%" in entry.label or entry.role is Role.TAX}
    for candidate in list(candidates.values()):
        for rate in sorted(rates)[:_MOST_RATES]:
            share = round(candidate.cents * rate / (100 + rate))
            for tax in (share - 1, share, share + 1):
                if tax >= _LEAST_TAX and tax in taxes:
                    candidate.prove("tax share", 1.0)
                    if tax in candidates:
                        candidates[tax].object("a tax", 4.0)


def _weigh_items(candidates: Candidates, entries: list[Entry]) -> None:
    """Prove the sum of the items between two rows that are none, such as the totals.

    Taxes and fees below them may be in the prices, or come on top.
    """
    items = 0
    added: list[Entry] = []
    for entry in entries:
        if entry.role is Role.DISCOUNT and not added:
            items -= abs(entry.cents)
        elif entry.role is Role.NONE and items and added:
            # An unknown name may be that of the total, or of one more article.
            _prove_sums(candidates, items, added)
            items += entry.cents
        elif entry.role is Role.NONE:
            items += entry.cents
        elif _is_added(entry):
            # Above the items it is the number of a tax payer.
            added += [entry] if items else []
        elif entry.role not in _BESIDE_ITEMS:
            if items:
                _prove_sums(candidates, items, added)
                return
            added = []
    _prove_sums(candidates, items, added)


def _weigh_measures(candidates: Candidates, measured: frozenset[int]) -> None:
    """Prove a labelled total that is a quantity times the price of one."""
    for cents in measured & candidates.keys():
        if candidates[cents].entry.role in _TOTALS:
            candidates[cents].prove("quantity times price", 1.0)


def _prove_sums(candidates: Candidates, items: int, added: list[Entry]) -> None:
    sums = {items}
    for adjustment in added[:_MOST_ADJUSTMENTS]:
        sums |= {total + cents for total in sums for cents in _signed(adjustment)}
    for total in sums:
        candidate = candidates.get(total)
        if candidate is not None and (candidate.label_points or candidate.proofs):
            candidate.prove("sum of items", 1.0)
