"""Values as people type them: each is valid for the models, or one line says what would be."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import DIGITS, LARGEST_AMOUNT, Correction, ExpenseRecord, amount_as_text
from service import values
from service.errors import BadInput

CHECKS: dict[str, Callable[..., object]] = {
    "--total": values.total_cents,
    "--date": values.date,
    "--currency": values.currency,
    "--merchant": values.merchant,
    "--user": values.user_id,
    "--notify": values.email,
    "--by": values.short_text,
}


@pytest.mark.parametrize("option", CHECKS)
@given(text=st.text() | st.from_regex(r"[\w .,:/@+-]{0,700}", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_any_text(option: str, text: str) -> None:
    try:
        CHECKS[option](text, option)
    except BadInput as refusal:
        message = str(refusal)
        assert message.startswith(f"{option} is ")
        assert ": it must be " in message
        assert message.isprintable(), "one line without control characters"
        assert len(message) < 400


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800", "\udfff"])
@pytest.mark.parametrize("check", [values.merchant, values.short_text, values.usable])
def test_what_no_database_can_hold_is_refused(check: Callable[..., object], text: str) -> None:
    with pytest.raises(BadInput, match=r"^note is .* in it: it must be"):
        check(text, "note")
    assert values.storable(text).isprintable()


@pytest.mark.parametrize("user", ["../eve", "/etc", "a/b", "a b", ".", "", "e\nve", "ё", "x" * 41])
def test_a_path_is_refused_as_a_user_id(user: str) -> None:
    with pytest.raises(BadInput, match="user is "):
        values.user_id(user)


@given(st.integers(min_value=1, max_value=LARGEST_AMOUNT), st.sampled_from(sorted(DIGITS)))
@settings(max_examples=60, deadline=None)
def test_every_amount_that_a_correction_may_have(amount: int, currency: str) -> None:
    typed = amount_as_text(amount, currency)

    total = values.total_cents(typed, currency=currency)
    assert Correction(total_cents=total).total_cents == amount
    values.total_in_any_currency(typed)


@given(st.integers(min_value=1, max_value=LARGEST_AMOUNT))
@settings(max_examples=60, deadline=None)
def test_a_comma_may_be_the_decimal_point(cents: int) -> None:
    assert values.total_cents(amount_as_text(cents, "EUR").replace(".", ","), "EUR") == cents


@pytest.mark.parametrize(
    ("currency", "typed", "wanted"),
    [
        ("JPY", "12.30", "at most 99999999999 JPY, without decimals and no other signs"),
        ("JPY", "1,280", "at most 99999999999 JPY, without decimals and no other signs"),
        ("KWD", "1,280", "at most 99999999.999 KWD, with at most 3 decimals"),
        ("USD", "1.280", "at most 999999999.99 USD, with at most 2 decimals"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(currency: str, typed: str, wanted: str) -> None:
    with pytest.raises(BadInput, match="must be an amount above 0") as refused:
        values.total_cents(typed, currency=currency)
    assert wanted in str(refused.value)


def test_what_is_no_amount_in_any_currency_is_refused_before_the_currency_is_known() -> None:
    for typed in ("12", "12.3", "1.234", "1.2345"):
        values.total_in_any_currency(typed)
    for typed in ("0", "-0", "1,234.56", "12 EUR", "1.23456"):
        with pytest.raises(BadInput, match="must be an amount above 0"):
            values.total_in_any_currency(typed)


@pytest.mark.parametrize("code", ["XXX", "zzz", "XTS", "XAU", "DEM", "BGN", "US", "dollars"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(BadInput, match="it must be the ISO 4217 code of a currency in use"):
        values.currency(code)


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("12", 1200), ("12.3", 1230), (" 0.01 ", 1), ("999999999,99", 99999999999), ("-19.99", -1999)],
)
def test_amounts(typed: str, cents: int) -> None:
    assert values.total_cents(typed) == cents


@pytest.mark.parametrize(
    "typed", ["0", "0.00", "--1", "1.234", "1,234.56", "1e3", "12 EUR", "\uff11\uff12"]
)
def test_invalid_amounts_are_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="must be an amount above 0"):
        values.total_cents(typed)


@given(st.dates())
def test_every_date(date: dt.date) -> None:
    assert values.date(date.isoformat()) == date


def test_nothing_given_is_not_an_empty_value() -> None:
    assert values.given(values.user_id, None, "--user") is None
    with pytest.raises(BadInput):
        values.given(values.user_id, "", "--user")


def test_a_merchant_that_fits_a_correction_fits_the_record() -> None:
    name = values.merchant(" " + "x" * 200 + " ")

    assert ExpenseRecord.model_validate(
        {
            "receipt_id": "r",
            "user_id": "u",
            "merchant": name,
            "total_cents": 1,
            "currency": values.currency("eur"),
            "date": None,
            "parser": "rules",
            "object_key": "receipts/x.png",
        }
    )
