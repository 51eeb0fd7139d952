"""Nothing: a total of zero, because as much was taken off, or given back, as was bought.

The tenth coffee is free, and one pair of shoes is exchanged for another. A voucher that pays it all
is no such case: it was money once, and a person decides.
"""

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role
from providers.receipt_parser.receipt_rules.vocabulary.papers.vouchers import VOUCHERS

_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})
_WITH_MONEY = frozenset({Role.CASH, Role.CARD, Role.CHANGE, Role.ARREARS, Role.DEPOSIT})


def total_of_nothing(entries: list[Entry]) -> Entry | None:
    """Return the row that says that the total is zero, if the rest adds up to that, or None."""
    outside = [entry for entry in entries if not entry.in_summary]
    totals = [entry for entry in outside if entry.role in _TOTALS]
    if not totals or any(entry.cents for entry in totals):
        return None
    others = [entry for entry in outside if entry.cents and entry.role not in _TOTALS]
    if any(entry.role in _WITH_MONEY or VOUCHERS.is_within(entry.label) for entry in others):
        return None
    bought = sum(entry.cents for entry in others if entry.role is Role.NONE)
    off = sum(abs(entry.cents) for entry in others if entry.role is Role.DISCOUNT)
    is_any = any(entry.role is Role.NONE and entry.cents > 0 for entry in others)
    return totals[-1] if is_any and bought == off else None
