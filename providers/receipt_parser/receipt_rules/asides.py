"""Asides: amounts that the labels of their own rows do not tell from what was bought.

The price of one above the price of both, and a bill that was paid since: added to the items, each
makes the sum miss the total, and nothing confirms it.
"""

import re
from dataclasses import replace

from models import USUAL_DIGITS
from providers.receipt_parser.receipt_rules.details.quantities import (
    Quantity,
    find_products,
    without,
)
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_MOST_OF_ONE = 99
"""How many of an article a row may have."""
_EACH = re.compile(r" (A|AT|JE|EACH|EA|PER|ST|STK|X)$")
_LETTER = re.compile(r"[A-Z]")
_WORD = re.compile(r"[^\W\d_]{3}")
_PAID_WITHIN = 3
"""Rows with amounts below a balance in which its payment is looked for."""
_OPENING = re.compile(r"^(OPENING|STARTING) BALANCE\b")
_EARLIER_PAYMENT = re.compile(
    r"\b(PAYMENTS?|PAID|RECEIVED|ZAHLUNG(EN)?|PAIEMENTS?|PAGOS?|PAGAMENT[OI]|BETALING(EN)?)\b"
)


def without_asides(entries: list[Entry], digits: int = USUAL_DIGITS) -> list[Entry]:
    """Return the entries, with the role of asides for prices of one and for settled balances."""
    settled = {number for pair in _settled(entries) for number in pair}
    return [
        replace(entry, role=Role.ASIDE)
        if number in settled
        or _is_price_of_one(entry, entries[number + 1 : number + 2])
        or _is_product(entry, entries[max(number - 1, 0) : number + 2], digits)
        else entry
        for number, entry in enumerate(entries)
    ]


def _is_price_of_one(entry: Entry, below: list[Entry]) -> bool:
    """Return whether the amount of a row stands alone below it, that of several at this price."""
    if not below or {entry.role, below[0].role} != {Role.NONE} or entry.cents <= 0:
        return False
    if not _EACH.search(entry.label):
        return False
    several, rest = divmod(below[0].cents, entry.cents)
    is_alone = below[0].index == entry.index + 1 and not _LETTER.search(below[0].label)
    return is_alone and not rest and 1 < several <= _MOST_OF_ONE


def _is_product(entry: Entry, near: list[Entry], digits: int) -> bool:
    """Return whether a row is ``2 x 4,50``, and the row above or below it has their product."""
    if entry.role is not Role.NONE or len(entry.amounts) > 1 or entry.is_whole:
        return False
    others = [
        other
        for other in near
        if abs(other.index - entry.index) == 1
        and other.role is Role.NONE
        and len(other.amounts) == 1
    ]
    if not others:
        return False
    return any(
        one.unit_price_cents == abs(entry.cents)
        and one.quantity != 1
        and any(
            one.comes_to(other.cents) and _stand_together(entry, one, other) for other in others
        )
        for one in find_products(entry.row.text, digits)
    )


def _stand_together(product: Entry, one: Quantity, amount: Entry) -> bool:
    """Return whether one of the two rows names the article, and the other has numbers alone.

    ``amount`` is above the product or below it.
    """
    words = without(product.row.text, one)
    is_bare = not _WORD.search(words)
    return is_bare if amount.index < product.index else is_bare or not _WORD.search(amount.label)


def _settled(entries: list[Entry]) -> list[tuple[int, int]]:
    """Return the numbers of earlier balances, each with that of its payment."""
    pairs = []
    for number, entry in enumerate(entries):
        is_balance = entry.role is Role.ARREARS or bool(_OPENING.search(entry.label))
        if not is_balance or not entry.cents:
            continue
        for later in range(number + 1, min(number + 1 + _PAID_WITHIN, len(entries))):
            payment = entries[later]
            is_payment = bool(_EARLIER_PAYMENT.search(payment.label))
            if is_payment and payment.cents == -entry.cents:
                pairs.append((number, later))
                break
    return pairs
