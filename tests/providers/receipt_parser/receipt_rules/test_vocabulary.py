import pytest

from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, is_one_edit_away, role_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SUB TO1AL", "SUB TOTAL"),
        ("lotal", "TOTAL"),
        ("CIIANGE", "CHANGE"),
        ("caSh", "CASH"),
        ("Rückgeld", "RUECKGELD"),
        ("MwSt", "MWST"),
        ("RoundingAdj:", "ROUNDING ADJ"),
        ("ofGST", "OF GST"),
        ("Nett Amt (RM)", "NETT AMOUNT RM"),
        ("Café Grün", "CAFE GRUEN"),
        ("do zap\u0142aty", "DO ZAPLATY"),
    ],
)
def test_labels_are_folded_to_the_words_that_were_printed(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Grand Total", Role.GRAND_TOTAL),
        ("Nett Total", Role.GRAND_TOTAL),
        ("Total Payable", Role.GRAND_TOTAL),
        ("Total After Rounding", Role.GRAND_TOTAL),
        ("Zu zahlen", Role.GRAND_TOTAL),
        ("Gesamtbetrag", Role.GRAND_TOTAL),
        ("Total Sales (Inclusive of GST)", Role.TOTAL),
        ("5 Item(s) Total (MYR)", Role.TOTAL),
        ("SUMME EUR", Role.TOTAL),
        ("Sub-Total", Role.SUBTOTAL),
        ("Zwischensumme", Role.SUBTOTAL),
        ("Total (Excluding GST)", Role.NET),
        ("Total GST", Role.TAX),
        ("incl. 19% MwSt", Role.TAX),
        ("Rounding Adj.", Role.ROUNDING),
        ("Total Savings", Role.DISCOUNT),
        ("Total Qty", Role.COUNT),
        ("Service Charge 10%", Role.SERVICE),
        ("Cash Tendered", Role.CASH),
        ("Bar EUR", Role.CASH),
        ("MasterCard", Role.CARD),
        ("Kartenzahlung", Role.CARD),
        ("Change Due", Role.CHANGE),
        ("Rückgeld EUR", Role.CHANGE),
        ("Exchange rate", Role.ASIDE),
        ("Celkem EUR (1 EUR = CZK)", Role.ASIDE),
        ("Card balance", Role.ASIDE),
        ("Pre-auth amount", Role.ASIDE),
        ("18% (Tip $ Total $)", Role.ASIDE),
        ("Per person", Role.ASIDE),
        ("Importo a persona", Role.ASIDE),
        ("Prijs per persoon", Role.ASIDE),
        ("Importe", Role.TOTAL),
        ("Then 3 payments of", Role.ASIDE),
        ("Previous balance", Role.ARREARS),
        ("Anzahlung", Role.DEPOSIT),
        ("Cash back", Role.CHANGE),
        ("Round trip", Role.NONE),
        ("Total TTC", Role.TOTAL),
        ("Total HT", Role.NET),
        ("Net \u00e0 payer", Role.GRAND_TOTAL),
        ("Total a pagar", Role.GRAND_TOTAL),
        ("Totale complessivo", Role.GRAND_TOTAL),
        ("Te betalen", Role.GRAND_TOTAL),
        ("Att betala", Role.GRAND_TOTAL),
        ("Do zap\u0142aty", Role.GRAND_TOTAL),
        ("Yhteens\u00e4", Role.TOTAL),
        ("Celkem", Role.TOTAL),
        ("\u00d6sszesen", Role.TOTAL),
        ("TOPLAM", Role.TOTAL),
        ("SUMA PLN", Role.TOTAL),
        ("SUMA PTU", Role.TAX),
        ("Dont TVA 5,5 %", Role.TAX),
        ("Totaal BTW", Role.TAX),
        ("Herav mva", Role.TAX),
        ("Esp\u00e8ces", Role.CASH),
        ("Got\u00f3wka", Role.CASH),
        ("Tarjeta", Role.CARD),
        ("Pankkikortti", Role.CARD),
        ("Rendu monnaie", Role.CHANGE),
        ("V\u00e4xel", Role.CHANGE),
        ("Resto", Role.CHANGE),
        ("Lemon cake", Role.NONE),
    ],
)
def test_a_label_says_what_its_amount_is(label: str, role: Role) -> None:
    assert role_of(fold(label)) is role


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("TOTAL", "TOTAL", True),
        ("TOTAI", "TOTAL", True),
        ("TOTA", "TOTAL", True),
        ("TTOTAL", "TOTAL", True),
        ("TOATL", "TOTAL", False),
        ("LATOT", "TOTAL", False),
        ("TOT", "TOTAL", False),
        ("", "A", True),
        ("", "AB", False),
    ],
)
def test_one_edit_is_one_letter(one: str, other: str, near: bool) -> None:
    assert is_one_edit_away(one, other) is near
    assert is_one_edit_away(other, one) is near
