"""Amounts as Stripe counts them, which is not always as ISO 4217 does.

Stripe has its own list of currencies without decimals, and of currencies with three, whose last
digit must be 0. Krona and Ugandan shilling have none by now and are still sent in hundredths. An
amount that Stripe cannot take is refused, and never rounded.
(https://docs.stripe.com/currencies)
"""

from models import digits_of, is_currency, money_as_text, not_a_currency
from providers.errors import AnswerMismatch, InvalidRequest

_WITHOUT_DECIMALS = (
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
    *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_DIGITS = {
    **dict.fromkeys(_WITHOUT_DECIMALS, 0),
    **dict.fromkeys(("ISK", "UGX"), 2),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}
"""Digits behind the point where Stripe says so."""

_USUAL = 2
"""Those of all other currencies."""


def to_stripe(amount: int, currency: str) -> int:
    """Return an amount in minor units as Stripe counts; raise InvalidRequest if it cannot."""
    if not is_currency(currency):
        # Withdrawn since the order began: how many digits it had is not known any more.
        raise InvalidRequest(not_a_currency(currency))
    digits = digits_of(currency)
    if currency not in _DIGITS and digits != _USUAL:
        # Stripe says nothing of it, and a guess might charge ten times as much.
        raise InvalidRequest(f"Stripe is not known to take {currency}")
    theirs = _DIGITS.get(currency, _USUAL)
    sent, rest = _rescaled(amount, digits, theirs)
    if rest or (theirs == 3 and sent % 10):
        shown = money_as_text(amount, currency)
        raise InvalidRequest(f"Stripe does not take {shown}, because of its last digits")
    return sent


def from_stripe(amount: int, currency: str) -> int:
    """Return Stripe's amount in minor units; raise AnswerMismatch if they are not whole."""
    theirs = _DIGITS.get(currency, _USUAL)
    ours, rest = _rescaled(amount, theirs, digits_of(currency))
    if rest:
        raise AnswerMismatch(f"Stripe says {amount} {currency}, which is no whole minor unit")
    return ours


def _rescaled(amount: int, digits: int, wanted: int) -> tuple[int, int]:
    """Return an amount in units of other digits, and what is left over."""
    return divmod(amount * int(10**wanted), int(10**digits))
