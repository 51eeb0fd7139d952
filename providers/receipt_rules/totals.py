"""Totals: the amount paid, chosen among all amounts by label and by arithmetic.

A label alone errs: tax summaries say total, subtotals come without their tax, OCR loses
words. Arithmetic alone errs too. An amount that both speak for is right, and one that they
contradict is for a person to decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from providers.receipt_rules.entries import Entry
from providers.receipt_rules.rows import Box
from providers.receipt_rules.vocabulary import Role

_LABEL_POINTS = {
    Role.GRAND_TOTAL: 5.0,
    Role.TOTAL: 4.0,
    Role.SUBTOTAL: 2.0,
    Role.COUNT: 1.0,
    Role.CARD: 2.0,
    Role.CASH: 1.5,
    Role.NET: 0.5,
    Role.NONE: 0.0,
}
_IN_SUMMARY = 0.2
_BEFORE_ROUNDING = frozenset({Role.TOTAL, Role.GRAND_TOTAL, Role.SUBTOTAL, Role.NET, Role.COUNT})
_LARGEST_TOTAL = 99_999_999_99


@dataclass
class Candidate:
    """An amount that may be the total, and what speaks for it."""

    cents: int
    entry: Entry
    points: float = 0.0
    label_points: float = 0.0
    proofs: set[str] = field(default_factory=set)
    objections: set[str] = field(default_factory=set)

    def prove(self, proof: str, points: float) -> None:
        """Count a proof once."""
        if proof not in self.proofs:
            self.proofs.add(proof)
            self.points += points


@dataclass(frozen=True)
class TotalReading:
    """The total in cents, how sure it is, where it stands, and why it may be wrong."""

    cents: int
    confidence: float
    box: Box
    page: int
    doubt: str | None = None


def find_total(entries: list[Entry]) -> TotalReading | None:
    """The total, or None when no amount is labelled as one or proven to be one."""
    candidates = _candidates(entries)
    if not candidates:
        return None
    _prove(candidates, entries)
    ranked = sorted(candidates.values(), key=lambda c: (-c.points, -c.entry.index))
    best = ranked[0]
    if best.points < 2.0:
        return None
    rival = ranked[1] if len(ranked) > 1 else None
    margin = best.points - (rival.points if rival else 0.0)
    confidence = min(0.99, 0.35 + 0.06 * best.points + 0.06 * min(margin, 5.0))
    return TotalReading(
        best.cents,
        round(confidence, 3),
        best.entry.line.box,
        best.entry.row.page,
        _doubt(best, rival, margin),
    )


def _doubt(best: Candidate, rival: Candidate | None, margin: float) -> str | None:
    if rival is not None and margin < 1.0:
        return f"the total may be {best.cents / 100:.2f} or {rival.cents / 100:.2f}"
    if not best.proofs:
        return f"nothing else on the receipt confirms the total {best.cents / 100:.2f}"
    return None


def _candidates(entries: Iterable[Entry]) -> dict[int, Candidate]:
    found: dict[int, Candidate] = {}
    for entry in entries:
        for cents in {*entry.amounts}:
            # A card payment may be printed as what it does to the account.
            value = -cents if entry.role is Role.CARD else cents
            if not 0 < abs(value) <= _LARGEST_TOTAL or (value < 0 and entry.role is not Role.CARD):
                continue
            value = abs(value)
            points = _points(entry) if abs(entry.cents) == value else 0.0
            known = found.get(value)
            if known is None:
                found[value] = Candidate(value, entry, points, points)
            else:
                better = points > known.label_points
                known.points += max(points - known.label_points, 0.0)
                known.label_points = max(points, known.label_points)
                if better:
                    known.entry = entry
    for candidate in found.values():
        rows = {e.index for e in entries if candidate.cents in e.amounts and not e.in_summary}
        candidate.points += 0.4 * min(len(rows) - 1, 3) if rows else 0.0
    return found


def _points(entry: Entry) -> float:
    return _LABEL_POINTS.get(entry.role, 0.0) * (_IN_SUMMARY if entry.in_summary else 1.0)


def _prove(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    outside = [entry for entry in entries if not entry.in_summary]
    _prove_by_payment(candidates, outside)
    _prove_by_tax(candidates, entries)
    _prove_by_parts(candidates, outside)
    _prove_by_rounding(candidates, outside)
    _prove_by_items(candidates, outside)


def _count_against(candidate: Candidate | None, reason: str, points: float) -> None:
    if candidate is not None and reason not in candidate.objections:
        candidate.objections.add(reason)
        candidate.points -= points


def _amounts(entries: Iterable[Entry], *roles: Role) -> list[int]:
    return [abs(entry.cents) for entry in entries if entry.role in roles]


def _prove_by_payment(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    """What was handed over less what came back; or a payment of exactly the amount."""
    paid = _amounts(entries, Role.CASH, Role.CARD)
    for cash in paid:
        for change in _amounts(entries, Role.CHANGE):
            candidate = candidates.get(cash - change)
            if candidate is not None:
                candidate.prove("cash less change", 3.0 if change else 2.0)
    for amount in paid:
        candidate = candidates.get(amount)
        if candidate is not None and candidate.label_points >= _LABEL_POINTS[Role.SUBTOTAL]:
            candidate.prove("payment", 1.0)


def _prove_by_tax(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    """Net plus tax: on one row of the tax table, or on several rows of the receipt."""
    for entry in entries:
        if len(entry.amounts) >= 3:
            *_, a, b, c = sorted(abs(cents) for cents in entry.amounts)
            if abs(a + b - c) <= 1 and a and c in candidates:
                candidates[c].prove("net plus tax", 1.5)
    outside = [entry for entry in entries if not entry.in_summary]
    extras = _amounts(outside, Role.TAX, Role.SERVICE)
    roundings = [0, *(entry.cents for entry in outside if entry.role is Role.ROUNDING)]
    for net in outside:
        if net.role not in (Role.SUBTOTAL, Role.NET, Role.TOTAL, Role.COUNT):
            continue
        for extra in {*extras, sum(extras)}:
            for rounding in roundings:
                candidate = candidates.get(net.cents + extra + rounding)
                if candidate is not None and 0 < extra < net.cents and candidate.label_points:
                    candidate.prove("net plus tax", 2.0)
                    _count_against(candidates.get(net.cents), "before tax", 1.0)


def _prove_by_parts(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    """Two totals, such as those of two tax rates, that a third one adds up."""
    totals = [e for e in entries if e.role in (Role.TOTAL, Role.GRAND_TOTAL)]
    for i, one in enumerate(totals):
        for other in totals[i + 1 :]:
            candidate = candidates.get(one.cents + other.cents)
            if candidate is None or candidate.cents in (one.cents, other.cents):
                continue
            if candidate.label_points >= _LABEL_POINTS[Role.TOTAL]:
                candidate.prove("sum of totals", 2.5)


def _prove_by_rounding(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    """The total is what is left after rounding, not before."""
    for entry in entries:
        if entry.role is not Role.ROUNDING or not entry.cents:
            continue
        for before in entries:
            if before.index >= entry.index or before.role not in _BEFORE_ROUNDING:
                continue
            # OCR often loses the minus.
            for rounding in (entry.cents, -entry.cents):
                after = candidates.get(before.cents + rounding)
                if after is not None and after.entry.index > before.index:
                    after.prove("rounding", 2.0)
                    _count_against(candidates.get(before.cents), "before rounding", 2.0)
                    break


def _prove_by_items(candidates: dict[int, Candidate], entries: list[Entry]) -> None:
    """The sum of what was bought, down to the first row that is not an article."""
    total = 0
    for entry in entries:
        if entry.role in (Role.NONE, Role.DISCOUNT):
            total += entry.cents if entry.role is Role.NONE else -abs(entry.cents)
        elif entry.role is not Role.COUNT:
            break
    candidate = candidates.get(total)
    if candidate is not None and candidate.label_points:
        candidate.prove("sum of items", 2.0)
