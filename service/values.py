"""Values as a person types them; each raises BadInput that says what would be right.

``name`` is what the value is called where it was typed: an option, or a field of a form.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from models import CurrencyCode, EmailAddress, MerchantName, ShortText, UserId
from service.errors import BadInput

_AMOUNT = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")

Value = TypeVar("Value")


def given(check: Callable[..., Value], text: str | None, name: str) -> Value | None:
    """Check a value that may be left out; an empty one is wrong, not left out."""
    return None if text is None else check(text, name)


def total_cents(text: str, name: str = "total") -> int:
    """Return the cents of an amount such as 12.30."""
    amount = _AMOUNT.fullmatch(text.strip())
    cents = int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0")) if amount else 0
    if cents == 0:
        raise BadInput(
            f"{name} is {text[:60]!r}: it must be an amount above 0 and below 1000000000, with at "
            "most two decimals and no other signs, such as 12.30"
        )
    return cents


def date(text: str, name: str = "date") -> dt.date:
    """Return the date of an ISO string."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name} is {text[:60]!r}: it must be a date such as 2026-01-31") from None


def currency(text: str, name: str = "currency") -> str:
    """Return a currency code."""
    return _checked(CurrencyCode, text.upper(), name, "a code of three letters, as USD")


def merchant(text: str, name: str = "merchant") -> str:
    """Return a merchant's name."""
    return _checked(MerchantName, text.strip(), name, "a name of 1 to 200 characters")


def user_id(text: str, name: str = "user") -> str:
    """Return a user id."""
    wanted = "1 to 40 letters, digits, '.', '_' or '-', the first a letter or digit"
    return _checked(UserId, text, name, wanted)


def email(text: str, name: str = "notify") -> str:
    """Return an e-mail address."""
    return _checked(EmailAddress, text, name, "an e-mail address such as ada@example.com")


def short_text(text: str, name: str) -> str:
    """Return a name or a reason."""
    return _checked(ShortText, text, name, "a text of at most 500 characters")


def _checked(wanted_type: Any, text: str, name: str, wanted: str) -> str:
    try:
        value: str = TypeAdapter(wanted_type).validate_python(text)
    except ValidationError:
        raise BadInput(f"{name} is {text[:60]!r}: it must be {wanted}") from None
    return value
