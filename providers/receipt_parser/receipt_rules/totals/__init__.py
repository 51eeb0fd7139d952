"""Totals: the amount to pay, chosen among all amounts by label and by arithmetic.

A label alone can be wrong: tax tables also say "total", subtotals lack the tax, OCR loses words.
Arithmetic alone can be wrong too. An amount that both confirm is right; if they contradict each
other, a person decides.
"""

from dataclasses import dataclass
from itertools import islice

from models import LARGEST_AMOUNT, amount_as_text
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.former_currencies import EURO, former_currency
from providers.receipt_parser.receipt_rules.papers import Paper
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.totals.directions import direction_of
from providers.receipt_parser.receipt_rules.totals.nothing import total_of_nothing
from providers.receipt_parser.receipt_rules.totals.proofs import (
    Candidate,
    Candidates,
    weigh_arithmetic,
    what_was_paid,
)
from providers.receipt_parser.receipt_rules.totals.taken_off import (
    pays_with_voucher,
    was_paid_before,
)
from providers.receipt_parser.receipt_rules.vocabulary import Role

_LABEL_POINTS = {
    Role.GRAND_TOTAL: 5.0,
    Role.TOTAL: 4.0,
    Role.SUBTOTAL: 2.0,
    Role.CARD: 2.0,
    Role.COUNT: 1.0,
    Role.CASH: 1.0,
    Role.NET: 0.5,
}
_IN_SUMMARY = 0.2
"""Share of its points that a label keeps in the tax table."""
_NEGATIVE = 0.8
"""Share that it keeps next to a minus, which is more often a stain than a refund."""
_REPEATED = 0.4
_UNPROVEN = 1.0
"""Points that an amount without a proof loses if another amount has one."""
_LEAST_POINTS = 1.0
_LEAST_MARGIN = 1.0
_MOST_OFFERED = 4
_OF_NOTHING = 0.8
"""Confidence in a total of zero."""
PLAIN = Paper()
"""A receipt as most are."""


@dataclass(frozen=True)
class TotalReading(Reading):
    """The total in minor units."""

    cents: int


def find_total(
    entries: list[Entry],
    currency: str | None = None,
    paper: Paper = PLAIN,
    measured: frozenset[int] = frozenset(),
) -> TotalReading | None:
    """Return the total, or None if no amount is labelled as total or proven to be it.

    Money that went back is negative. ``measured`` is as in ``weigh_arithmetic``.
    """
    if (nothing := total_of_nothing(entries)) is not None:
        line = nothing.line
        return TotalReading(0, confidence=_OF_NOTHING, box=line.box, page=line.page)
    direction = direction_of(entries, paper)
    entries = direction.turned(entries)
    ranked = _ranked(entries, measured)
    if not ranked or ranked[0].points < _LEAST_POINTS:
        return None
    best = ranked[0]
    rival = ranked[1] if len(ranked) > 1 else None
    margin = best.points - (rival.points if rival else 0.0)
    confidence = min(0.99, 0.4 + 0.05 * best.points + 0.05 * min(margin, 5.0))
    doubt = _doubt(best, rival, margin, entries, currency) or direction.doubt
    return TotalReading(
        direction.sign * best.cents,
        confidence=confidence,
        box=best.entry.line.box,
        page=best.entry.line.page,
        doubt=doubt,
    )


def likely_totals(entries: list[Entry]) -> tuple[int, ...]:
    """Return amounts in minor units that may be the total, the likeliest first, for a reviewer."""
    offered = (candidate.cents for candidate in _ranked(entries) if candidate.points > 0)
    return tuple(islice(offered, _MOST_OFFERED))


def _ranked(entries: list[Entry], measured: frozenset[int] = frozenset()) -> list[Candidate]:
    """Return all amounts, the most likely first."""
    candidates = _candidates(entries)
    weigh_arithmetic(candidates, entries, measured)
    if any(candidate.proofs for candidate in candidates.values()):
        for candidate in candidates.values():
            candidate.points -= 0.0 if candidate.proofs else _UNPROVEN
    # Of equals the lower one on the receipt: a total is below the amounts that it sums.
    return sorted(candidates.values(), key=lambda c: (c.points, c.entry.index), reverse=True)


def _doubt(
    best: Candidate,
    rival: Candidate | None,
    margin: float,
    entries: list[Entry],
    currency: str | None,
) -> str | None:
    total = amount_as_text(best.cents, currency)
    if rival is not None and (margin < _LEAST_MARGIN or _is_unexplained(rival)):
        return f"the total may be {total} or {amount_as_text(rival.cents, currency)}"
    if not best.proofs:
        return f"nothing else on the receipt confirms the total {total}"
    if best.label_points < _LABEL_POINTS[Role.TOTAL] and not _is_proven_alone(best):
        return f"no row says that the total is {total}"
    if currency == EURO and (former := former_currency(best.entry.label)):
        return f"the total {total} may be in {former}"
    return _doubt_about_payment(best, total, entries, currency)


def _doubt_about_payment(
    best: Candidate, total: str, entries: list[Entry], currency: str | None
) -> str | None:
    if pays_with_voucher(best.entry, best.cents, entries):
        return f"a voucher may have paid the total {total}"
    if was_paid_before(best.entry, best.cents, entries):
        return f"a part of the total {total} may have been paid before"
    payments = what_was_paid(entries)
    if payments and best.cents not in payments:
        others = ", ".join(amount_as_text(paid, currency) for paid in sorted(payments))
        return f"the total {total} is not what was paid: {others}"
    return None


def _is_proven_alone(best: Candidate) -> bool:
    """Return whether it was paid, or sums up the items, so that it needs no label."""
    if "cash less change" in best.proofs:
        return True
    paid = "payment" in best.proofs or best.entry.role in (Role.CARD, Role.CASH)
    return paid and bool(best.proofs & {"sum of items", "adjustments", "tax table"})


def _is_unexplained(rival: Candidate) -> bool:
    """Return whether it is labelled as a total and no objection says why it is not the total."""
    return rival.label_points >= _LABEL_POINTS[Role.TOTAL] and not rival.objections


def _candidates(entries: list[Entry]) -> Candidates:
    """Return every amount, with the points of its best label and of its repetitions."""
    found: Candidates = {}
    for entry in entries:
        for cents in entry.amounts:
            if not 0 < abs(cents) <= LARGEST_AMOUNT:
                continue
            points = _label_points(entry, cents)
            known = found.get(abs(cents))
            if known is None or points > known.label_points:
                found[abs(cents)] = Candidate(abs(cents), entry, points, points)
    for candidate in found.values():
        rows = sum(candidate.cents in entry.amounts for entry in entries if not entry.in_summary)
        candidate.points += _REPEATED * min(max(rows - 1, 0), 3)
    return found


def _label_points(entry: Entry, cents: int) -> float:
    """Return the points of a label, which count only for the rightmost amount of its row."""
    if abs(cents) != abs(entry.cents):
        return 0.0
    points = _LABEL_POINTS.get(entry.role, 0.0)
    if entry.in_summary:
        points *= _IN_SUMMARY
    # A card payment may be printed with a minus, as it appears on the account.
    return points * _NEGATIVE if cents < 0 and entry.role is not Role.CARD else points
