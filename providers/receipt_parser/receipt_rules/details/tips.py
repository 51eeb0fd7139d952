"""Tips: what was given beside the bill, if the total has it in it.

Many bills suggest tips, with amounts that nobody has paid. So an amount is a tip only if the total
is that much more than another sum of the receipt.
"""

import re
from collections.abc import Sequence

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_TIP = re.compile(
    r"\b(TIPS?|GRATUITY|GRATUITIES|TRINKGELD|PROPINA|POURBOIRE|MANCIA|FOOI|DRICKS|DRIKKEPENGE|TIPPI"
    r"|NAPIWEK|GORJETA|SPROPITNE|PREPITNE|BORRAVALO|BACSIS|BAHSIS|NAPOJNICA|NAPITNINA|BACSIS)\b"
)
_IS_SUGGESTED = re.compile(r"\bSUGGEST\w*|\bGUIDE\b|\bCALCULAT\w+|\bCONVENIENCE\b|\bRECOMMEND\w*")
_LARGEST_SHARE = 2
"""A tip is at most one part in so many of the total."""
_SUMS = frozenset({Role.TOTAL, Role.SUBTOTAL, Role.GRAND_TOTAL, Role.NONE, Role.CARD})


def find_tip(entries: Sequence[Entry], total: int | None) -> int | None:
    """Return the tip that is in the total, in minor units, or None."""
    if not total or total < 0:
        return None
    tips = {
        entry.cents
        for entry in entries
        if entry.role is not Role.ASIDE and len(entry.amounts) == 1 and _is_tip(entry)
    }
    fitting = [tip for tip in tips if _is_in(total, tip, entries)]
    # Of several, nobody can tell which was given.
    return fitting[0] if len(tips) == 1 and fitting else None


def _is_tip(entry: Entry) -> bool:
    return bool(_TIP.search(entry.label)) and not _IS_SUGGESTED.search(entry.label)


def _is_in(total: int, tip: int, entries: Sequence[Entry]) -> bool:
    if not 0 < tip <= total // _LARGEST_SHARE:
        return False
    others = [entry for entry in entries if not _is_tip(entry) and not entry.in_summary]
    sums = {entry.cents for entry in others if entry.role in _SUMS}
    before = total - tip
    if before in sums:
        return True
    # Or a subtotal, and the taxes and fees that are added to it.
    added = sum(entry.cents for entry in others if entry.role in (Role.TAX, Role.SERVICE))
    off = sum(abs(entry.cents) for entry in others if entry.role is Role.DISCOUNT)
    return bool(sums & {before - added, before - added + off})
