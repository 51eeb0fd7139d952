"""Each rule on the smallest receipt that needs it; all receipts are made up."""

import time

import pytest

from providers.receipt_parser.receipt_rules.entries import find_entries
from providers.receipt_parser.receipt_rules.rows import group_rows
from providers.receipt_parser.receipt_rules.totals import TotalReading, find_total
from tests.support.printed_receipts import printed


def read(*rows: str) -> TotalReading | None:
    return find_total(find_entries(group_rows(printed("SHOP", *rows))))


def found(*rows: str) -> TotalReading:
    reading = read(*rows)
    assert reading is not None
    return reading


RECEIPTS = {
    "cash and change": ("Tea | 4.50", "TOTAL | 4.50", "CASH | 10.00", "CHANGE | 5.50"),
    "a subtotal and its tax": ("Tea | 4.50", "SUB TOTAL | 4.25", "GST 6% | 0.25", "TOTAL | 4.50"),
    "a total before rounding": (
        *("Tea | 4.52", "TOTAL SALES INCL. GST | 4.52", "ROUNDING ADJ | -0.02"),
        *("NET TOTAL | 4.50", "VISA | 4.50"),
    ),
    "a rounding whose minus was lost": (
        *("Tea | 4.52", "TOTAL INCL GST | 4.52", "ROUNDING | 0.02", "TOTAL | 4.50"),
        *("CASH | 4.50",),
    ),
    "a discount below the total": (
        *("Tea | 5.00", "TOTAL | 5.00", "Discount | 0.50", "Total Incl GST | 4.50", "CASH | 4.50"),
    ),
    "a service charge and a tax": (
        *("Tea | 3.86", "Total (Excluding GST) | 3.86", "Serv. Charge (10%) | 0.39"),
        *("GST Payable | 0.25", "TOTAL | 4.50"),
    ),
    "the totals of two tax rates": (
        *("Tea | 3.00", "Total 0% supplies | 3.00", "Cup | 1.50", "Total 6% supplies | 1.50"),
        *("Total Payable | 4.50",),
    ),
    "a total that is no word any more": (
        *("Tea | 4.50", "T0TAI", "| 4.50", "CASH | 10.00", "CHANGE | 5.50"),
    ),
    "only what was handed over and came back": ("Tea | 4.50", "CASH | 10.00", "CHANGE | 5.50"),
    "a total with its amount on the next row": ("Tea | 4.50", "TOTAL", "| RM 4.50", "CASH | 4.50"),
    "a table of taxes that says total too": (
        *("Tea | 4.50", "TOTAL | 4.50", "CASH | 4.50", "GST Summary | Amount | Tax"),
        *("SR @6% | 4.25 | 0.25", "Total | 4.25 | 0.25"),
    ),
    "the tax contained, called a total": (
        *("Tea | 4.50", "Due | 4.50", "Pay | 10.00", "Change | 5.50"),
        *("Total included GST @ 6% | 0.25",),
    ),
    "a count that is called total": ("Tea | 4.50", "TOTAL QTY: 1", "TOTAL | 4.50", "CASH | 4.50"),
    "what was saved, called total": (
        *("Tea | 4.50", "TOTAL | 4.50", "CASH | 4.50", "Total savings | 9.00"),
    ),
    "a decimal point read as a colon": ("Tea | 4.50", "TOTAL | 4:50", "CASH | 4:50"),
    "a payment in two parts": ("Tea | 4.50", "TOTAL | 4.50", "VISA | 3.00", "CASH | 1.50"),
    "German": (
        *("Tee | 4,50 A", "SUMME EUR | 4,50", "Bar EUR | 10,00", "Rückgeld EUR | -5,50"),
        *("MwSt% | MwSt | Netto | Brutto", "A 19% | 0,72 | 3,78 | 4,50"),
    ),
    "German, paid by card": (
        *("Tee | 4,50 A", "zu zahlen | 4,50", "Kreditkarte | 4,50"),
        *("A 7 % | 0,29 | 4,21 | 4,50", "Summe | 0,29 | 4,21 | 4,50"),
    ),
    "an article with a word of labels in its name": (
        *("Colgate Total 6oz | 2.00", "Chocolate bar | 1.50", "Oil change | 1.00"),
        *("TOTAL | 4.50", "CASH | 5.00", "CHANGE | 0.50"),
    ),
    "a gift card that is sold, not paid with": ("GIFT CARD | 4.50", "TOTAL | 4.50", "VISA | 4.50"),
    "a gift card to be won": (
        *("Tea | 4.50", "TOTAL | 4.50", "Tell us how we did and win a", "$1,000.00 GIFT CARD"),
    ),
    "what is left on the card": (
        *("Tea | 4.50", "TOTAL | 4.50", "Gift card | 4.50", "Card balance | 76.90"),
    ),
    "cash back": ("Tea | 4.50", "TOTAL | 4.50", "DEBIT | 24.50", "CASH BACK | 20.00"),
    "suggested tips": (
        *("Tea | 4.00", "Tax | 0.50", "Total | 4.50", "Suggested gratuity"),
        *("18% | 0.81 | 5.31", "20% | 0.90 | 5.40"),
    ),
    "a fee for the card, below a total": (
        *("Tea | 4.00", "TOTAL | 4.00", "SURCHARGE | 0.50", "TOTAL AUD | 4.50"),
    ),
    "suggested tips beside their totals": (
        *("Tea | 4.50", "Total | 4.50", "15% tip = 0.68 | Total 5.18", "VISA | 4.50"),
    ),
    "payments by instalments": ("Tea | 4.50", "Total | 4.50", "Pay in 4: due today | 1.13"),
    "a pre-authorised amount": (
        "PREAUTH AMOUNT | 75.00",
        "FUEL | 4.50",
        "TOTAL | 4.50",
        "VISA | 4.50",
    ),
    "a total beside the terms of payment": (
        *("Tea | 4.50", "Incl. VAT | | Invoice total | 4.50", "VISA | 4.50"),
    ),
    "a total whose decimal point is lost": ("Tea | 4.50", "TOTAL | 450 EUR", "VISA | EUR 4.50"),
    "a total above the items, too": (
        *("Balance due | 4.50", "Item | Quantity | Rate | Amount", "Tea | 2 | 2.25 | 4.50"),
        "Total | 4.50",
    ),
    "French": ("Th\u00e9 | 4,50", "NET A PAYER | 4,50 EUR", "Esp\u00e8ces | 10,00", "Rendu | 5,50"),
    "Polish": (
        *("Herbata | 4,50A", "SPRZED. OPOD. PTU A | 4,50", "KWOTA A 23% | 0,84"),
        *("SUMA PTU | 0,84", "SUMA PLN | 4,50"),
    ),
    "Malay": ("Teh | 4.50", "JUMLAH | RM4.50", "TUNAI | RM10.00", "BAKI | RM5.50"),
}


@pytest.mark.parametrize("rows", RECEIPTS.values(), ids=RECEIPTS.keys())
def test_the_total_is_what_was_paid(rows: tuple[str, ...]) -> None:
    reading = found(*rows)
    assert reading.cents == 450
    assert reading.doubt is None
    assert reading.confidence > 0.5


def test_a_total_in_thousands_of_a_german_receipt() -> None:
    reading = found("DROHNE | 2.345,00 b", "Total EUR | 2.345,00", "GIROCARD | 2.345,00")
    assert (reading.cents, reading.doubt) == (234500, None)


def test_the_arithmetic_wins_over_a_misread_total() -> None:
    reading = found("Tea | 4.50", "TOTAL | 4.56", "CASH | 10.00", "CHANGE | 5.50")
    assert reading.cents == 450
    assert reading.doubt == "the total may be 4.50 or 4.56"


def test_a_total_that_nothing_confirms_is_a_doubt() -> None:
    reading = found("Tea | 2.00", "TOTAL | 4.50")
    assert reading.cents == 450
    assert reading.doubt == "nothing else on the receipt confirms the total 4.50"


def test_a_total_that_is_not_what_was_paid_is_a_doubt() -> None:
    rows = ("Tea | 4.50", "SUB TOTAL | 4.50", "TOTAL | 4.50", "CASH | 10.00", "CHANGE | 5.00")
    reading = found(*rows)
    assert reading.cents == 450
    assert reading.doubt == "the total 4.50 is not what was paid: 5.00, 10.00"


@pytest.mark.parametrize(
    "rows", [("Thank you",), ("Tel 03-7734 1234", "12/03/2024"), ("Tea | 4.50", "Cake | 3.20")]
)
def test_a_receipt_without_a_total_has_none(rows: tuple[str, ...]) -> None:
    assert read(*rows) is None


def test_the_total_has_its_position() -> None:
    rows = ("Tea | 4.50", "TOTAL | 4.50", "CASH | 10.00", "CHANGE | 5.50")
    text = printed(*rows)
    reading = find_total(find_entries(group_rows(text)))
    assert reading is not None
    assert reading.box == text.lines[3].box


def test_a_thousand_is_not_cut_off() -> None:
    for blank in (" ", "\u00a0", "\u202f", "."):
        dear = f"1{blank}234,50"
        reading = found(f"Carport | {dear}", f"TOTAL TTC | {dear} \u20ac", f"CB | {dear}")
        assert (reading.cents, reading.doubt) == (123450, None), dear


def test_an_amount_that_no_row_calls_the_total_is_a_doubt() -> None:
    reading = read("Tea | 4.50", "Cake | 12.00", "KWX A 23% | 0.84")
    assert reading is None or reading.doubt


def test_a_receipt_of_hundreds_of_amounts_is_read_in_no_time() -> None:
    row = " ".join(f"{number}.{number % 90 + 10}" for number in range(1, 26))
    started = time.process_time()
    read(*(f"TAX {number % 9 + 1}% | {row}" for number in range(500)))
    assert time.process_time() - started < 5
