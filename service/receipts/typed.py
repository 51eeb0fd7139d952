"""What people type into the fields of a receipt: ``1,234.50``, ``14/03/2026``, ``$12``.

Whoever checks a receipt copies what is printed on it. What may mean two things is refused with both
of them, and never guessed: a wrong amount would be paid out.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, TypeVar

from models import (
    LARGEST_AMOUNT,
    Correction,
    ReceiptFields,
    amount_as_text,
    amount_of_text,
    digits_of,
    is_currency,
)
from service import values
from service.errors import BadInput, Fault, WrongFields

FIELDS = ("total", "currency", "date", "merchant")
"""The fields of the form, in the order in which they are asked for."""

CLEARABLE: Final = ("date", "merchant")
"""Those that an expense may be without."""

DateOrder = Literal["day-first", "month-first"] | None

_DOLLARS = ("USD", "AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD")
_SIGNS: dict[str, tuple[str, ...]] = {
    "$": _DOLLARS,
    "US$": ("USD",),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₽": ("RUB",),
    "₴": ("UAH",),
    "₫": ("VND",),
    "₪": ("ILS",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "R$": ("BRL",),
    "Fr.": ("CHF",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
"""Which currencies a sign may stand for; of a sign of several, the currency itself must say."""

_SIGN_OF = {sign.casefold(): sign for sign in _SIGNS}
_MARK = r"[^\W\d_]{1,3}[$.]?|[^\w\s.,'\u2019+-]"
_AMOUNT = re.compile(
    rf"(?P<minus>[-\u2212])?\s*(?P<before>{_MARK})?\s*(?P<inner>[-\u2212])?"
    rf"(?P<number>[0-9].*?)\s*(?P<after>{_MARK})?"
)
_DASHES = re.compile(r"[.,][-\u2013\u2014]{1,2}$")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([., '])[0-9]{3})(?:\1[0-9]{3})*")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
_NUMBERS_OF_DATE = re.compile(r"([0-9]{1,2})([/.\- ])\s*([0-9]{1,2})\2\s*([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.\-])([0-9]{1,2})\2([0-9]{1,2})")
_NAMED_MONTH = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\.?\s*(?P<month>[a-z]{3,9})\.?"
    r"|(?P<month2>[a-z]{3,9})\.?\s*(?P<day2>[0-9]{1,2})(?:st|nd|rd|th)?)"
    r"[\s,]*(?P<year>[0-9]{4})"
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

Value = TypeVar("Value")


def typed_correction(
    typed: Mapping[str, str],
    read: ReceiptFields | None,
    by: str,
    order: DateOrder = None,
    clear: Collection[str] = (),
) -> Correction:
    """Return what a person says a receipt shows; a field left empty stays as it was read.

    Of the fields in ``clear`` nothing is known, whatever stands in them. ``order`` is how to read
    03/04. Raise WrongFields with everything that is wrong, by field.
    """
    cleared = tuple(name for name in CLEARABLE if name in clear)
    form = _Form({name: text for name, text in typed.items() if name not in cleared})
    currency = form.value("currency", currency_of) or (read.currency if read else None)
    total = form.value("total", lambda text, name: amount_in(text, name, currency))
    if total is None and "total" not in form.wrong:
        form.wrong["total"] = "total is empty: a receipt has one"
    if total is not None and currency is None:
        currency = total[1]
    if currency is None and not form.wrong:
        form.wrong["currency"] = "currency is empty: write its code, such as USD"
    date = form.value("date", lambda text, name: date_of(text, name, order))
    merchant = form.value("merchant", merchant_of)
    if form.wrong or total is None:
        faults = [Fault((name,), form.wrong[name]) for name in FIELDS if name in form.wrong]
        raise WrongFields("not confirmed", faults)
    return Correction(
        total_cents=total[0],
        currency=currency,
        date=date,
        merchant=merchant,
        clear=cleared,
        corrected_by=by,
    )


class _Form:
    """The fields as they were typed; ``wrong`` says of each what is wrong with it."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self._typed = typed
        self.wrong: dict[str, str] = {}

    def value(self, name: str, read: Callable[[str, str], Value]) -> Value | None:
        """Return a field's value; None if it is empty or wrong."""
        text = plain(self._typed.get(name, ""))
        if not text:
            return None
        try:
            return read(text, name)
        except BadInput as error:
            self.wrong[name] = str(error)
            return None


def plain(text: str) -> str:
    """Return a text with usual digits and blanks, whichever keyboard it was typed on."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").split())


def merchant_of(text: str, name: str = "merchant") -> str:
    """Return a merchant's name; raise BadInput."""
    return values.merchant(text, name)


def currency_of(text: str, name: str = "currency") -> str:
    """Return the code of a currency that is typed as a code or as its sign; raise BadInput."""
    text = plain(text)
    sign = _SIGN_OF.get(text.casefold())
    if sign is None or is_currency(text.upper()):
        return values.currency(text, name)
    codes = _SIGNS[sign]
    if len(codes) > 1:
        raise BadInput(f"{name} is {text!r}, which may be {_either(codes)}: write the code")
    return codes[0]


def amount_in(
    text: str, name: str = "total", currency: str | None = None
) -> tuple[int, str | None]:
    """Return the minor units of an amount such as ``$1,234.50``, and its currency if it says so.

    That of a refund has a minus before it, and is negative. Raise BadInput for what is no amount,
    what may be two, and for the sign of another currency.
    """
    text = plain(text)
    found = _AMOUNT.fullmatch(_DASHES.sub("", text))
    if found is None:
        raise _no_amount(text, name, currency)
    for mark in (found["before"], found["after"]):
        if mark:
            currency = _currency_of_mark(mark, text, name, currency)
    number = found["number"]
    if _may_be_two(number, digits_of(currency)):
        raise _two_amounts(text, number, name, currency)
    is_decimal = _ONE_GROUP.fullmatch(number) and digits_of(currency)
    amount = amount_of_text(number if is_decimal else _without_groups(number), currency)
    if not amount or (found["minus"] and found["inner"]):
        raise _no_amount(text, name, currency)
    return -amount if found["minus"] or found["inner"] else amount, currency


def _currency_of_mark(mark: str, text: str, name: str, currency: str | None) -> str | None:
    """Return the currency of an amount that is marked with a sign or a code."""
    sign = _SIGN_OF.get(mark.casefold())
    codes = _SIGNS[sign] if sign else (mark.upper(),)
    if not sign and not is_currency(mark.upper()):
        raise BadInput(f"{name} is {text[:60]!r}: {mark!r} is no currency that is known here")
    if currency is not None and currency not in codes:
        raise BadInput(
            f"{name} is {text[:60]!r}, and the currency is {currency}: change one of the two"
        )
    if currency is None and len(codes) > 1:
        raise BadInput(
            f"{name} is {text[:60]!r}: {mark} may be {_either(codes)}: give the currency"
        )
    return currency or codes[0]


def _may_be_two(number: str, digits: int) -> bool:
    """Tell whether the only sign in a number may part thousands or decimals: ``12,345``.

    A currency without decimals has thousands; one of three decimals is written with a point.
    """
    sign = _ONE_GROUP.fullmatch(number)
    return sign is not None and digits > 0 and not (digits == 3 and sign[1] == ".")


def _two_amounts(text: str, number: str, name: str, currency: str | None) -> BadInput:
    digits = digits_of(currency)
    either = (f"{_joined(number)}.{'0' * digits}", number.replace(",", "."))
    such = f"write it with the {digits} decimals of {currency}" if currency else "add its decimals"
    if digits == 3:
        such = "write one"
    return BadInput(f"{name} is {text!r}, which may be {_either(either)}: {such}")


def _without_groups(number: str) -> str:
    """Return a number without the signs between its thousands: ``1,234.50`` is ``1234.50``.

    What groups nothing is left as it is, and is then no amount.
    """
    point = max(number.rfind("."), number.rfind(","))
    whole, fraction = number[:point], number[point + 1 :]
    is_parted = point >= 0 and any(sign in whole for sign in "., '")
    if is_parted and number[point] not in whole and fraction.isdecimal():
        return f"{_joined(whole)}.{fraction}"
    return _joined(number)


def _joined(number: str) -> str:
    grouped = _GROUPED.fullmatch(number)
    if grouped is None:
        return number
    return number.replace(grouped[1], "")


def date_of(text: str, name: str = "date", order: DateOrder = None) -> dt.date:
    """Return the date of ``2026-03-14``, ``14/03/2026``, ``14.3.26`` or ``14 March 2026``.

    ``order`` is how to read 03/04; with points the day comes first. Raise BadInput for what is no
    date or may be two.
    """
    text = plain(text)
    if iso := _YEAR_FIRST.fullmatch(text):
        return _date(int(iso[1]), int(iso[3]), int(iso[4]), text, name)
    if named := _NAMED_MONTH.fullmatch(text.casefold()):
        month = _month(named["month"] or named["month2"])
        return _date(int(named["year"]), month, int(named["day"] or named["day2"]), text, name)
    numbers = _NUMBERS_OF_DATE.fullmatch(text)
    if numbers is None:
        raise _no_date(text, name)
    first, second = int(numbers[1]), int(numbers[3])
    year = int(numbers[4]) if len(numbers[4]) == 4 else 2000 + int(numbers[4])
    if numbers[2] == "." or first > 12 or first == second or order == "day-first":
        return _date(year, second, first, text, name)
    if second > 12 or order == "month-first":
        return _date(year, first, second, text, name)
    either = [_date(year, *parts, text, name) for parts in ((second, first), (first, second))]
    raise BadInput(f"{name} is {text!r}, which may be {_either(list(map(str, either)))}: write one")


def _date(year: int, month: int, day: int, text: str, name: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise _no_date(text, name) from None


def _month(word: str) -> int:
    """Return the number of a month, 0 for what is none."""
    matching = [number for number, full in enumerate(_MONTHS, 1) if full.startswith(word)]
    return matching[0] if len(matching) == 1 else 0


def _no_date(text: str, name: str) -> BadInput:
    return BadInput(f"{name} is {text[:60]!r}: it must be a date such as 2026-01-31 or 31/01/2026")


def _no_amount(text: str, name: str, currency: str | None) -> BadInput:
    most, such = (amount_as_text(amount, currency) for amount in (LARGEST_AMOUNT, 123450))
    wanted = f"an amount above 0 and at most {most}, such as {such}; a refund has a minus"
    return BadInput(f"{name} is {text[:60]!r}: it must be {wanted}")


def _either(choices: tuple[str, ...] | list[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
