import pytest

from providers.receipt_parser.receipt_rules.amounts import (
    find_amounts,
    find_misread_amount,
    find_whole_amounts,
)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12.30", [1230]),
        ("RM12.30", [1230]),
        ("RM 1,234.50", [123450]),
        ("2.345,00", [234500]),
        ("1.234.567,89", [123456789]),
        ("€ 6,15", [615]),
        ("1'250.00", [125000]),
        ("41.70 EUR", [4170]),
        ("317,00 b", [31700]),
        ("RM47.10S", [4710]),
        ("3,15*B", [315]),
        (".40", [40]),
        ("-1,00", [-100]),
        ("-RM0.02", [-2]),
        ("RM -0.02", [-2]),
        ("20.00-", [-2000]),
        ("--50.00", [-5000]),
        ("RMO.40", [40]),
        ("10.00 0.00", [1000, 0]),
        ("12. 50", [1250]),
        ("1 234,56", [123456]),
        ("12 345 678,90", [1234567890]),
        ("1,18,000.00", [11800000]),
        ("Rs. 1,18,000.00", [11800000]),
        ("1, 234.50", [123450]),
        ("($5.00)", [-500]),
        ("(12,30 EUR)", [-1230]),
        ("(Tip $8.42  Total $60.92)", [842, 6092]),
        ("- $5.00", [-500]),
        ("\u20ac -9,32", [-932]),
        ("12.30 CR", [-1230]),
        ("29,98B", [2998]),
        ("*123,50", [12350]),
    ],
)
def test_money_is_read_in_every_notation(text: str, cents: list[int]) -> None:
    assert [amount.cents for amount in find_amounts(text)] == cents


@pytest.mark.parametrize(
    "text",
    [
        "02.03.2020",
        "09/02/17",
        "21.04.20 09:59",
        "19,00%",
        "6.00 %",
        "0,162 kg",
        "Tel. 05251 / 180420",
        "1.499",
        "@7.00",
        "1*12.90",
        "3.45 x 2",
        "35,21 L",
        "12.345G",
        "11.01 GAL",
        "V1.2.30",
        "****4116",
        "GST 000381399040",
        "No.49, High Street",
    ],
)
def test_other_numbers_are_no_money(text: str) -> None:
    assert find_amounts(text) == []


def test_a_currency_makes_a_number_without_cents_an_amount() -> None:
    assert [amount.cents for amount in find_whole_amounts("TOTAL RM 25")] == [2500]
    assert find_whole_amounts("TOTAL 25") == []


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("385 K\u010d", [38500]),
        ("TOTAL $1,234", [123400]),
        ("158,-", [15800]),
        ("1.234 \u20ac", [123400]),
        ("Rs 1939", [193900]),
        ("-25 kr", [-2500]),
        ("5 %", []),
    ],
)
def test_amounts_without_cents_stand_beside_any_currency(text: str, cents: list[int]) -> None:
    assert [amount.cents for amount in find_whole_amounts(text)] == cents


@pytest.mark.parametrize("text", ["7:00", "7-00", "7 00", "7;00"])
def test_a_decimal_point_may_be_misread(text: str) -> None:
    assert [amount.cents for amount in find_misread_amount(text)] == [700]


@pytest.mark.parametrize("text", ["14:30:00", "Table 12 50", "7-1-00"])
def test_not_everything_is_a_misread_decimal_point(text: str) -> None:
    assert find_misread_amount(text) == []
