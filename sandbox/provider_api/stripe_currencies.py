"""How Stripe counts money, beside the ledger, which is in minor units by ISO 4217.

Written down apart from the provider that is tested with it, from Stripe's own page:
https://docs.stripe.com/currencies.
"""

from models import digits_of, is_currency
from sandbox.provider_api.effects import refusal
from sandbox.provider_api.wire import Refused

_ZERO_DECIMAL = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_NO_FRACTIONS = frozenset({"ISK", "UGX"})
"""Sent with two decimals that are always 00."""

_UNSUPPORTED = frozenset({"CLF", "IQD", "LYD", "UYI", "UYW"})


def in_ledger(amount: int, currency: str) -> int:
    """Return an amount as the ledger counts; raise Refused as Stripe would refuse it."""
    if not is_currency(currency) or currency in _UNSUPPORTED:
        raise Refused(
            refusal(400, "invalid_currency", f"invalid currency: {currency}", param="currency")
        )
    if (currency in _THREE_DECIMAL and amount % 10) or (currency in _NO_FRACTIONS and amount % 100):
        raise Refused(
            refusal(400, "parameter_invalid", f"no such amount in {currency}", param="amount")
        )
    return amount * int(10 ** digits_of(currency)) // int(10 ** _digits(currency))


def at_stripe(amount: int, currency: str) -> int:
    """Return an amount of the ledger as Stripe counts."""
    return amount * int(10 ** _digits(currency)) // int(10 ** digits_of(currency))


def _digits(currency: str) -> int:
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2
