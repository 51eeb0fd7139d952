"""Values as a person types them; each raises BadInput that says what would be right.

``name`` is what the value is called where it was typed: an option, or a field of a form.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from models import (
    A_CURRENCY,
    AT_A_DOOR,
    DIGITS,
    LARGEST_AMOUNT,
    CurrencyCode,
    EmailAddress,
    Identifier,
    MerchantName,
    ShortText,
    UserId,
    amount_as_text,
    digits_of,
    signed_amount_of_text,
)
from service.errors import BadInput

Value = TypeVar("Value")

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, and the halves of characters that UTF-16 has: no database and no answer can hold them."""


def given(check: Callable[..., Value], text: str | None, name: str) -> Value | None:
    """Check a value that may be left out; an empty one is wrong, not left out."""
    return None if text is None else check(text, name)


def usable(text: str, name: str) -> str:
    """Return a text that can be stored and shown; every text from outside must be one."""
    if found := _UNUSABLE.search(text):
        what = "a NUL character" if found[0] == "\0" else "half of a character"
        raise BadInput(
            f"{name} is {text[:60]!r}, which has {what} in it: it must be a text that can be stored"
        )
    return text


def storable(text: str) -> str:
    """Return the same with a sign in place of all that makes a text not ``usable``."""
    return _UNUSABLE.sub("\ufffd", text)


def total_cents(text: str, name: str = "total", currency: str | None = None) -> int:
    """Return the minor units of an amount such as 12.30, which has its currency's decimals.

    That of a refund has a minus.
    """
    amount = signed_amount_of_text(text, currency)
    if not amount:
        raise BadInput(f"{name} is {text[:60]!r}: it must be {_an_amount(currency)}")
    return amount


def total_in_any_currency(text: str, name: str = "total") -> None:
    """Raise BadInput for what is no total in any currency, before the currency is known."""
    if not any(signed_amount_of_text(text, currency) for currency in DIGITS):
        raise BadInput(f"{name} is {text[:60]!r}: it must be {_an_amount(None)}")


def _an_amount(currency: str | None) -> str:
    digits, most = digits_of(currency), amount_as_text(LARGEST_AMOUNT, currency)
    decimals = f"with at most {digits} decimals" if digits else "without decimals"
    return (
        f"an amount above 0 and at most {' '.join(filter(None, (most, currency)))}, {decimals} and "
        f"no other signs, such as {amount_as_text(1230, currency)}; a refund has a minus before it"
    )


def date(text: str, name: str = "date") -> dt.date:
    """Return the date of an ISO string."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name} is {text[:60]!r}: it must be a date such as 2026-01-31") from None


def currency(text: str, name: str = "currency") -> str:
    """Return the code of a currency in use."""
    return _checked(CurrencyCode, text.upper(), name, A_CURRENCY)


def merchant(text: str, name: str = "merchant") -> str:
    """Return a merchant's name."""
    return _checked(MerchantName, text.strip(), name, "a name of 1 to 200 characters")


def user_id(text: str, name: str = "user") -> str:
    """Return a user id."""
    wanted = "1 to 40 letters, digits, '.', '_' or '-', the first a letter or digit"
    return _checked(UserId, text, name, wanted)


def identifier(text: str, name: str) -> str:
    """Return an id of an order, a customer or a receipt."""
    wanted = "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit"
    return _checked(Identifier, text, name, wanted)


def email(text: str, name: str = "notify") -> str:
    """Return an e-mail address."""
    return _checked(EmailAddress, text, name, "an e-mail address such as ada@example.com")


def short_text(text: str, name: str) -> str:
    """Return a name or a reason."""
    return _checked(ShortText, text, name, "a text of at most 500 characters")


def _checked(wanted_type: Any, text: str, name: str, wanted: str) -> str:
    usable(text, name)
    try:
        value: str = TypeAdapter(wanted_type).validate_python(text, context=AT_A_DOOR)
    except ValidationError:
        raise BadInput(f"{name} is {text[:60]!r}: it must be {wanted}") from None
    return value
