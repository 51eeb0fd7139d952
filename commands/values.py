"""Values as a person types them, and what would be right where they are wrong."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from commands.outcome import CommandError
from models import CurrencyCode, EmailAddress, MerchantName, ShortText, UserId

_AMOUNT = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")

Value = TypeVar("Value")


def given(check: Callable[[str], Value], text: str | None) -> Value | None:
    """Check the value of an option that may be left out; an empty one is wrong, not left out."""
    return None if text is None else check(text)


def total_cents(text: str) -> int:
    """Give the cents of an amount such as 12.30; raises CommandError."""
    amount = _AMOUNT.fullmatch(text.strip())
    cents = int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0")) if amount else 0
    if cents == 0:
        raise CommandError(f"--total is {text[:60]!r}: it must be an amount above 0, such as 12.30")
    return cents


def date(text: str) -> dt.date:
    """Give the date of an ISO string; raises CommandError."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--date is {text[:60]!r}: it must be a date such as 2026-01-31"
        ) from None


def currency(text: str) -> str:
    """Give a currency code; raises CommandError."""
    return _checked(CurrencyCode, text.upper(), "--currency", "a code of three letters, as USD")


def merchant(text: str) -> str:
    """Give a merchant's name; raises CommandError."""
    return _checked(MerchantName, text.strip(), "--merchant", "a name of 1 to 200 characters")


def user_id(text: str) -> str:
    """Give a user id; raises CommandError."""
    wanted = "1 to 40 letters, digits, '.', '_' or '-', the first a letter or digit"
    return _checked(UserId, text, "--user", wanted)


def email(text: str) -> str:
    """Give an e-mail address; raises CommandError."""
    return _checked(EmailAddress, text, "--notify", "an e-mail address such as ada@example.com")


def short_text(text: str, option: str) -> str:
    """Give a name or a reason; raises CommandError."""
    return _checked(ShortText, text, option, "a text of at most 500 characters")


def _checked(wanted_type: Any, text: str, option: str, wanted: str) -> str:
    try:
        value: str = TypeAdapter(wanted_type).validate_python(text)
    except ValidationError:
        raise CommandError(f"{option} is {text[:60]!r}: it must be {wanted}") from None
    return value
