"""What people type for what is printed on a receipt: read as meant, or refused in one sentence."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import DIGITS, LARGEST_AMOUNT, ReceiptFields, amount_as_text, money_as_text
from service.errors import BadInput, WrongFields
from service.receipts.typed import amount_in, currency_of, date_of, typed_correction

READ = ReceiptFields(merchant="Cafe", total_cents=1230, currency="EUR", date=None, parser="rules")


@pytest.mark.parametrize(
    ("text", "currency", "amount", "found"),
    [
        ("12.30", "USD", 1230, "USD"),
        ("12,3", "EUR", 1230, "EUR"),
        ("$12", "USD", 1200, "USD"),
        ("US$ 12.30", None, 1230, "USD"),
        ("12,30€", None, 1230, "EUR"),
        ("EUR 12.30", "EUR", 1230, "EUR"),
        ("12.30 chf", None, 1230, "CHF"),
        ("R$ 5,00", None, 500, "BRL"),
        ("kr 12", "SEK", 1200, "SEK"),
        ("12,-", "CHF", 1200, "CHF"),
        ("1,234.50", "USD", 123450, "USD"),
        ("1.234,50", "EUR", 123450, "EUR"),
        ("1.234.567,89", "EUR", 123456789, "EUR"),
        ("1 234,50", "EUR", 123450, "EUR"),
        ("1\u202f234,50", "EUR", 123450, "EUR"),
        ("1\u2019234.50", "CHF", 123450, "CHF"),
        ("1 234", "USD", 123400, "USD"),
        ("1,234,567", "USD", 123456700, "USD"),
        ("\uff11\uff12.\uff15", "USD", 1250, "USD"),
        ("1,280", "JPY", 1280, "JPY"),
        ("1.280", "JPY", 1280, "JPY"),
        ("1.280", "KWD", 1280, "KWD"),
        ("12,34", "KWD", 12340, "KWD"),
        ("1,280.500", "KWD", 1280500, "KWD"),
        ("-19,99", "EUR", -1999, "EUR"),
        ("\u221219.99", "USD", -1999, "USD"),
        ("-\u00a319.99", None, -1999, "GBP"),
        ("\u20ac -1.234,50", None, -123450, "EUR"),
    ],
)
def test_amounts(text: str, currency: str | None, amount: int, found: str) -> None:
    assert amount_in(text, currency=currency) == (amount, found)


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("", "USD", "must be an amount"),
        ("a lot", "USD", "must be an amount"),
        ("0", "USD", "above 0"),
        ("--5", "USD", "must be an amount"),
        ("-$-5", "USD", "must be an amount"),
        ("-0", "USD", "above 0"),
        ("12.345", "USD", "may be 12345.00 or 12.345: write it with the 2 decimals of USD"),
        ("12,345", "USD", "may be 12345.00 or 12.345: write it with the 2 decimals of USD"),
        ("$1,234", "USD", r"is '\$1,234', which may be 1234.00 or 1.234"),
        ("1.234", "EUR", "may be 1234.00 or 1.234"),
        ("12,345", None, "may be 12345.00 or 12.345: add its decimals"),
        ("1,280", "KWD", "may be 1280.000 or 1.280: write one"),
        ("1,280", "CLF", "may be 1280.0000 or 1.280"),
        ("1234,567", "USD", "must be an amount"),
        ("1,2,3", "USD", "must be an amount"),
        ("12 34", "USD", "must be an amount"),
        ("0.234", "EUR", "must be an amount"),
        ("9" * 30, "USD", "at most 999999999.99"),
        ("$12", None, r"\$ may be USD, AUD, .* or TWD: give the currency"),
        ("\u00a312", "USD", "the currency is USD: change one of the two"),
        ("12 xyz", None, "'xyz' is no currency"),
    ],
)
def test_what_is_no_amount_or_may_be_two(text: str, currency: str | None, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        amount_in(text, currency=currency)
    assert str(refused.value).isprintable()


@given(st.integers(min_value=1, max_value=LARGEST_AMOUNT), st.sampled_from(sorted(DIGITS)))
@settings(max_examples=200, deadline=None)
def test_every_amount_as_it_is_printed(amount: int, currency: str) -> None:
    assert amount_in(amount_as_text(amount, currency), currency=currency) == (amount, currency)
    printed = money_as_text(amount, currency)
    is_unclear = DIGITS[currency] > 2 and "," in printed and "." not in printed
    if not is_unclear:
        assert amount_in(printed) == (amount, currency)


@given(st.text(max_size=30), st.sampled_from([None, "USD", "JPY", "KWD"]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_an_amount_or_one_sentence(text: str, currency: str | None) -> None:
    try:
        amount, _ = amount_in(text, currency=currency)
    except BadInput as refused:
        assert str(refused).isprintable()
    else:
        assert 0 < abs(amount) <= LARGEST_AMOUNT


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-14", "2026-03-14"),
        ("2026/3/14", "2026-03-14"),
        ("14/03/2026", "2026-03-14"),
        ("03/14/2026", "2026-03-14"),
        ("14.3.26", "2026-03-14"),
        ("3.4.2026", "2026-04-03"),
        ("3/3/26", "2026-03-03"),
        ("14-03-2026", "2026-03-14"),
        ("14 March 2026", "2026-03-14"),
        ("14. mar 2026", "2026-03-14"),
        ("Mar 14, 2026", "2026-03-14"),
        ("march 14th 2026", "2026-03-14"),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert date_of(text) == dt.date.fromisoformat(date)


def test_a_date_that_may_be_two() -> None:
    with pytest.raises(BadInput, match="may be 2026-04-03 or 2026-03-04"):
        date_of("03/04/2026")
    assert date_of("03/04/2026", order="day-first") == dt.date(2026, 4, 3)
    assert date_of("03/04/2026", order="month-first") == dt.date(2026, 3, 4)


@pytest.mark.parametrize("text", ["x", "31/02/2026", "00/04/2026", "ju 1 2026", "2026", "1/2"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(BadInput, match="must be a date"):
        date_of(text)


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_date_or_one_sentence(text: str) -> None:
    try:
        date_of(text)
    except BadInput as refused:
        assert str(refused).isprintable()


def test_currencies() -> None:
    assert [currency_of(text) for text in ("usd", "\u20ac", "\u00a3")] == ["USD", "EUR", "GBP"]
    with pytest.raises(BadInput, match="write the code"):
        currency_of("$")
    with pytest.raises(BadInput):
        currency_of("dollars")


def test_a_form_as_a_person_fills_it_in() -> None:
    typed = {"total": "$12", "currency": "usd", "date": "14/03/2026", "merchant": " The  Cafe "}

    correction = typed_correction(typed, READ, "ada")

    assert (correction.total_cents, correction.currency) == (1200, "USD")
    assert (correction.date, correction.merchant) == (dt.date(2026, 3, 14), "The Cafe")
    assert correction.corrected_by == "ada"


def test_what_is_cleared_is_not_known_whatever_stands_in_it() -> None:
    typed = {"total": "-12", "date": "no date", "merchant": "Cafe"}
    correction = typed_correction(typed, READ, "ada", clear=["merchant", "date", "total"])

    assert (correction.clear, correction.total_cents) == (("date", "merchant"), -1200)
    assert correction.merchant is None


def test_what_is_left_empty_stays_as_it_was_read() -> None:
    correction = typed_correction({"total": "12,30"}, READ, "ada")

    assert (correction.currency, correction.date, correction.merchant) == ("EUR", None, None)
    by_its_sign = typed_correction({"total": "12 \u20ac"}, None, "ada")
    assert by_its_sign.currency == "EUR"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"total"}),
        ({"total": "12"}, {"currency"}),
        ({"total": "a lot", "date": "x", "currency": "zzz"}, {"total", "date", "currency"}),
        ({"total": "12", "currency": "EUR", "merchant": "x" * 201}, {"merchant"}),
    ],
)
def test_everything_that_is_wrong_is_said_by_field(typed: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(WrongFields) as refused:
        typed_correction(typed, None, "ada")

    assert {fault.path[0] for fault in refused.value.faults} == wrong
