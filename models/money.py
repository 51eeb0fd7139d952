"""Money: whole minor units of a currency, how they are written, and how they are read.

How many digits a currency has is said by ISO 4217, which cards and banks go by. Unicode's CLDR has
others: those that shops print, such as none for forint and lek.
"""

import re
from typing import Annotated, Final

from iso4217 import Currency
from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

DIGITS: Final[dict[str, int]] = {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}
"""The digits behind the point of every currency in use. Those without minor units are no money that
anybody is paid in: gold (XAU), the code for tests (XTS), the one for no currency (XXX)."""

A_CURRENCY: Final = "the ISO 4217 code of a currency in use, such as USD"
"""What is wanted where a code is refused."""

USUAL_DIGITS: Final = 2
"""The digits of an amount whose currency is not known, or not yet."""

LARGEST_AMOUNT: Final = 99_999_999_999
"""The largest amount in minor units: 999,999,999.99 USD, or 99,999,999,999 JPY."""

AT_A_DOOR: Final = {"at_a_door": True}
"""Context for validating what comes from outside. What a run or a database holds is validated
without it: ISO 4217 withdraws a currency every other year, and its orders must still end."""

_AMOUNT = re.compile(r"([0-9]{1,12})(?:([.,])([0-9]{1,9}))?")


def is_currency(code: str) -> bool:
    """Tell whether a code is that of a currency in use."""
    return code in DIGITS


def not_a_currency(code: str) -> str:
    """Say why a code is refused, and what is wanted."""
    return f"{code} is not {A_CURRENCY}"


def digits_of(currency: str | None) -> int:
    """Return the digits behind the point of amounts in a currency."""
    return DIGITS.get(currency or "", USUAL_DIGITS)


def minor_units(units: int, currency: str | None) -> int:
    """Return whole units, such as 500 USD, in minor units."""
    return units * int(10 ** digits_of(currency))


# --- writing ------------------------------------------------------------------------------------


def amount_as_text(amount: int, currency: str | None) -> str:
    """Write minor units as 12.30, -0.05 or 1280: the form that people type and programs read."""
    digits = digits_of(currency)
    units, rest = divmod(abs(amount), 10**digits)
    point = f".{rest:0{digits}}" if digits else ""
    return f"{'-' if amount < 0 else ''}{units}{point}"


def money_as_text(amount: int, currency: str | None) -> str:
    """Write minor units with their currency for people: 1,280.00 USD, 1,280 JPY, 1.280 KWD."""
    units, point, rest = amount_as_text(abs(amount), currency).partition(".")
    sign = "-" if amount < 0 else ""
    return f"{sign}{int(units):,}{point}{rest} {currency or ''}".rstrip()


# --- reading ------------------------------------------------------------------------------------


def amount_of_text(text: str, currency: str | None) -> int | None:
    """Return the minor units of an amount such as 12.30 or 12,3; None if it is none.

    More digits than the currency has are none, also zeros. Nor is ``1,280`` in a currency of
    thousandths: it may mean 1.280 as well as 1280.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    units, point, fraction = found[1], found[2], found[3] or ""
    digits = digits_of(currency)
    if len(fraction) > digits or (point == "," and len(fraction) == 3):
        return None
    amount = minor_units(int(units), currency) + int(fraction.ljust(digits, "0") or "0")
    return amount if amount <= LARGEST_AMOUNT else None


def signed_amount_of_text(text: str, currency: str | None) -> int | None:
    """Return the same, negative for a text with a minus before it: money that came back."""
    sign, minus = 1, text.strip()
    if minus[:1] in ("-", "\u2212"):
        sign, minus = -1, minus[1:]
    amount = amount_of_text(minus, currency)
    return None if amount is None else sign * amount


# --- types --------------------------------------------------------------------------------------


def _in_use(code: str, info: ValidationInfo) -> str:
    if info.context == AT_A_DOOR and not is_currency(code):
        raise ValueError(f"it must be {A_CURRENCY}")
    return code


CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_in_use)]
"""An ISO 4217 code, such as USD; with the context ``AT_A_DOOR``, one of a currency in use."""

MinorUnits = Annotated[int, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
"""An amount in minor units of its currency, at most 999,999,999.99 USD; that of a refund is
negative."""


def _some(amount: int) -> int:
    if amount == 0:
        raise ValueError("it must not be 0")
    return amount


AmountSaid = Annotated[
    int,
    Field(strict=True, ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT),
    AfterValidator(_some),
]
"""What a person says a receipt shows, in minor units: not 0, negative for a refund."""
