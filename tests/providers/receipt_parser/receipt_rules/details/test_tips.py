"""Tips that were given, and tables of tips that were only suggested."""

import pytest

from config import Settings
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

BILL = ("BISTRO ANEMONE", "03/14/2026", "Fish Stew | 25.00", "SUBTOTAL USD | 25.00")


async def tip(*rows: str) -> int | None:
    return (await RulesParser(Settings()).parse(printed(*rows))).tip_cents


@pytest.mark.parametrize(
    "rows",
    [
        (*BILL, "TAX | 2.00", "Tip | 5.00", "TOTAL | 32.00"),
        (*BILL, "TAX | 2.00", "Gratuity | 5.00", "TOTAL | 32.00"),
        (*BILL, "TAX | 2.00", "AMOUNT | 27.00", "TIP: | $5.00", "TOTAL: | $32.00"),
        ("WIRTSHAUS", "14.03.2026", "Summe EUR | 27,00", "Trinkgeld | 5,00", "Gesamt EUR | 32,00"),
        ("BISTRO", "14/03/2026", "SOUS-TOTAL EUR | 27,00", "Pourboire | 5,00", "TOTAL EUR | 32,00"),
        ("FONDA", "14/03/2026", "SUBTOTAL EUR | 27,00", "Propina | 5,00", "TOTAL EUR | 32,00"),
        ("KROG", "2026-03-14", "Delsumma SEK | 27,00", "Dricks | 5,00", "Summa SEK | 32,00"),
        # A suggestion below changes nothing about what was given.
        (*BILL, "TAX | 2.00", "Tip | 5.00", "TOTAL | 32.00", "SUGGESTED TIPS", "20% = | 5.40"),
    ],
)
async def test_what_was_given(rows: tuple[str, ...]) -> None:
    assert await tip(*rows) == 500


@pytest.mark.parametrize(
    "rows",
    [
        (*BILL, "TOTAL | 25.00", "SUGGESTED TIP", "18% = 4.50 20% = | 5.00"),
        (*BILL, "TOTAL | 25.00", "18% = 4.50 20% = | 5.00"),
        (*BILL, "TOTAL | 25.00", "Tip guide", "15% | 3.75", "20% | 5.00"),
        (*BILL, "TOTAL | 25.00", "Tip 18% = 4.50", "Tip 20% = 5.00"),
        (*BILL, "TOTAL | 25.00", "18% Tip: 4.50 Total: | 29.50", "20% Tip: 5.00 Total: | 30.00"),
        (*BILL, "TOTAL | 25.00", "Tip ________", "Total ________"),
        (*BILL, "Tip | 0.00", "TOTAL | 25.00"),
        (*BILL, "TOTAL | 25.00", "FILTER TIPS | 5.00"),
        # It is not in the total, or is more than the bill.
        (*BILL, "TOTAL | 25.00", "Tip | 5.00"),
        (*BILL, "Tip | 75.00", "TOTAL | 100.00"),
    ],
)
async def test_what_was_only_suggested(rows: tuple[str, ...]) -> None:
    assert await tip(*rows) is None
