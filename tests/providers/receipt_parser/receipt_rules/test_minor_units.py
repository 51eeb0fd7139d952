"""Receipts in currencies without decimals, or with three, by the rules parser."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.receipt_rules.amounts import find_amounts, find_whole_amounts
from tests.support.printed_receipts import printed


async def read(*rows: str, **chosen: object) -> ReceiptFields:
    settings = Settings.model_validate(chosen)
    return await RulesParser(settings).parse(printed("TOKYO CAFE", "2026-05-22 12:30", *rows))


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("\u00a51,280", [1280]),
        ("TOTAL JPY 1280", [1280]),
        ("TOTAL 1,280 JPY", [1280]),
        ("1.280\u5186", [1280]),
        ("JPY 1,280.00", [1280]),
        ("1,280 yen", [1280]),
        ("12,345,678", [12_345_678]),
        ("Coffee 450", [450]),
        ("2 x 450", [450]),
        ("-500", [-500]),
        ("\u00a5-500", [-500]),
        ("\u20a912,000", [12_000]),
        ("No. 1234", []),
        ("Tel 03 1234 5678", []),
        ("03-1234-5678", []),
        ("2026-05-22", []),
        ("12:30", []),
        ("12.80", []),
        ("Tax 8%", []),
    ],
)
def test_amounts_without_decimals(text: str, yen: list[int]) -> None:
    assert [amount.cents for amount in find_amounts(text, 0)] == yen


@pytest.mark.parametrize(
    ("text", "fils"),
    [
        ("1.250", [1250]),
        ("KWD 1.250", [1250]),
        ("K.D. 12.500", [12_500]),
        ("1,250.500", [1_250_500]),
        ("1,250", [1250]),
        ("-0.250", [-250]),
        ("1.25", []),
        ("12.5000", []),
    ],
)
def test_amounts_in_thousandths(text: str, fils: list[int]) -> None:
    assert [amount.cents for amount in find_amounts(text, 3)] == fils


def test_whole_dinars_stand_next_to_their_currency() -> None:
    assert [amount.cents for amount in find_whole_amounts("TOTAL KWD 5", 3)] == [5000]
    assert find_whole_amounts("TOTAL 5", 3) == []


async def test_a_receipt_in_yen() -> None:
    fields = await read(
        *("Tel 03 1234 5678", "Coffee | \u00a5450", "Cake | \u00a5830", "Subtotal | \u00a51,280"),
        *("Tax 10% | \u00a5128", "TOTAL | \u00a51,408", "Cash | \u00a52,000", "Change | \u00a5592"),
    )
    assert (fields.total_cents, fields.currency, fields.tax_cents) == (1408, "JPY", 128)
    assert fields.doubts == ()
    assert [(item.description, item.cents) for item in fields.items] == [
        ("Coffee", 450),
        ("Cake", 830),
    ]
    assert fields.candidates["total"] == ("1408", "1280")


async def test_a_receipt_without_a_sign_is_in_the_default_currency() -> None:
    rows = ("Coffee | 450", "Cake | 830", "TOTAL | 1280", "Cash | 2000", "Change | 720")
    fields = await read(*rows, default_currency="JPY")
    assert (fields.total_cents, fields.currency, fields.doubts) == (1280, "JPY", ())


async def test_a_receipt_in_dinars() -> None:
    fields = await read(
        *("Coffee | 1.250", "Cake | 2.750", "TOTAL KWD | 4.000", "Cash | 5.000", "Change | 1.000")
    )
    assert (fields.total_cents, fields.currency, fields.doubts) == (4000, "KWD", ())


async def test_pesos_have_the_sign_of_dollars_and_no_decimals() -> None:
    fields = await read("Santiago, Chile", "Torta | $12.990", "TOTAL | $12.990", "Cash | $15.000")
    assert (fields.total_cents, fields.currency) == (12_990, "CLP")
    assert [(item.description, item.cents) for item in fields.items] == [("Torta", 12_990)]


async def test_a_doubt_is_written_in_the_currency() -> None:
    fields = await read("TOTAL | \u00a51,408")
    assert fields.doubts == ("nothing else on the receipt confirms the total 1408",)


async def test_yuan_share_the_sign_of_yen_and_have_decimals() -> None:
    fields = await read("Tea | \u00a512.80", "TOTAL | \u00a512.80", "Cash | \u00a512.80")
    assert (fields.total_cents, fields.currency) == (1280, "CNY")


async def test_hundredths_are_never_taken_for_yen() -> None:
    with pytest.raises(TotalNotFound):
        await read("TOTAL | 14.08", "Cash | 20.50", default_currency="JPY")
