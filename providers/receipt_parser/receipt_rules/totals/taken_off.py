"""What was taken off: vouchers and earlier payments below the total, after which less is left.

A voucher that pays it all leaves nothing to pay, an advance leaves a rest. Neither the total nor
the rest is surely what was spent today, so a person decides.
"""

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.totals.proofs import what_was_paid
from providers.receipt_parser.receipt_rules.vocabulary import Role
from providers.receipt_parser.receipt_rules.vocabulary.papers.vouchers import VOUCHERS

_MOST_BELOW = 24
"""Rows with amounts below the total that are looked at."""
_TENDERS = frozenset({Role.CARD, Role.CASH, Role.CHANGE, Role.ROUNDING, Role.TAX, Role.NET})
_NO_VOUCHER = frozenset({Role.CARD, Role.ASIDE})
"""Roles of a gift card that was handed over as a card is, and of one to be won."""
_LEFT = frozenset({Role.TOTAL, Role.GRAND_TOTAL, Role.CHANGE})


def pays_with_voucher(total: Entry, cents: int, entries: list[Entry]) -> bool:
    """Return whether a voucher below the total pays it all, or nothing else does.

    ``cents`` is the total in minor units.
    """
    below = _below(total, entries)
    vouchers = (entry for entry in below if _is_voucher(entry) and entry.role not in _NO_VOUCHER)
    if any(abs(entry.cents) >= cents for entry in vouchers):
        return True
    leaves_nothing = any(entry.role is Role.GRAND_TOTAL and not entry.cents for entry in below)
    return leaves_nothing and cents not in what_was_paid(
        [entry for entry in entries if not _is_voucher(entry)]
    )


def was_paid_before(total: Entry, cents: int, entries: list[Entry]) -> bool:
    """Return whether an amount below the total is taken off it, and the rest is printed below."""
    below = _below(total, entries)
    for position, entry in enumerate(below):
        if entry.role in _TENDERS or entry.role in _LEFT or not 0 < abs(entry.cents) < cents:
            continue
        rest = cents - abs(entry.cents)
        after = (other for other in below[position + 1 :] if other.cents == rest)
        if any(other.role in _LEFT or entry.cents < 0 for other in after):
            return True
    return False


def _below(total: Entry, entries: list[Entry]) -> list[Entry]:
    below = [each for each in entries if each.index > total.index and not each.in_summary]
    return below[:_MOST_BELOW]


def _is_voucher(entry: Entry) -> bool:
    return VOUCHERS.is_within(entry.label)
