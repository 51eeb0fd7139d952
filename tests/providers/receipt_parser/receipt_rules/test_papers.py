"""What is no ordinary receipt; all of them are made up."""

import pytest

from tests.support.printed_receipts import HARBOUR_DELI
from tests.support.printed_receipts import read_below_head as read

TEA = ("Tea | \u00a34.50", "TOTAL | \u00a34.50", "VISA | \u00a34.50")


async def test_an_ordinary_receipt_has_no_doubt() -> None:
    fields = await read(*TEA)
    assert (fields.total_cents, fields.doubts) == (450, ())


@pytest.mark.parametrize(
    "rows",
    [
        ("*** REFUND ***", "Tea | -4.50", "TOTAL | -\u00a34.50", "VISA | -\u00a34.50"),
        ("Tea | 4.50-", "TOTAL | \u00a34.50-", "CARD REFUND | 4.50-"),
        ("Tea | (4.50)", "SUBTOTAL | (4.50)", "TOTAL | (\u00a34.50)", "VISA | (4.50)"),
        ("Tea | \u22124.50", "TOTAL | \u2212\u00a34.50", "VISA | \u22124.50"),
        ("CREDIT NOTE 1182", "Tea | \u00a34.50", "Total | \u00a34.50", "VISA | \u00a34.50"),
        ("SALES RETURN", "Tea | \u00a34.50", "Total | \u00a34.50"),
        ("Gutschrift Nr. 8", "Tee | 4,50", "Gutschriftsbetrag | \u00a34,50"),
        ("FACTURE D'AVOIR", "Th\u00e9 | 4,50", "TOTAL TTC | \u00a34,50"),
        ("Nota de cr\u00e9dito", "T\u00e9 | 4,50", "TOTAL | \u00a34,50"),
        ("KREDITFAKTURA", "Te | 4,50", "Att betala | \u00a34,50"),
    ],
)
async def test_money_that_came_back_is_negative(rows: tuple[str, ...]) -> None:
    fields = await read(*rows)
    assert (fields.total_cents, fields.doubts) == (-450, ())


async def test_the_tax_of_a_refund_is_negative_too() -> None:
    fields = await read(
        *("RETURN", "Tea | -4.00", "SUBTOTAL | -4.00", "VAT 20% | -0.80", "TOTAL | -\u00a34.80")
    )
    assert (fields.total_cents, fields.tax_cents, fields.doubts) == (-480, -80, ())


@pytest.mark.parametrize(
    "rows",
    [
        ("Tea | 4.50", "TOTAL | \u00a34.50", "VISA | 4.50", "VISA REFUND | -4.50"),
        ("RETURN", "Tea | -4.50", "Cup | 9.00", "TOTAL | \u00a34.50"),
        ("Tea | 4.50", "TOTAL | -\u00a34.50"),
    ],
)
async def test_what_went_back_only_in_part_is_a_doubt(rows: tuple[str, ...]) -> None:
    assert (await read(*rows)).doubts


@pytest.mark.parametrize(
    "sentence",
    [
        "No refund without receipt",
        "Returns accepted within 30 days",
        "RETURN POLICY",
        "Void if altered",
        "Please quote invoice number",
    ],
)
async def test_sentences_about_refunds_change_nothing(sentence: str) -> None:
    fields = await read(*TEA, sentence)
    assert (fields.total_cents, fields.doubts) == (450, ())


async def test_a_stain_before_the_total_is_no_refund() -> None:
    fields = await read("Tea | 4.50", "TOTAL | -4.50", "CASH | \u00a310.00", "CHANGE | 5.50")
    assert (fields.total_cents, fields.doubts) == (450, ())


@pytest.mark.parametrize(
    "title",
    [
        "*** VOID ***",
        "TRANSACTION VOIDED",
        "SALE CANCELLED",
        "DECLINED",
        "CARD NOT CHARGED",
        "Zahlung abgelehnt",
        "TICKET ANNULE",
        "TRAINING MODE",
        "TRAINING RECEIPT",
        "2. Mahnung",
        "PRO FORMA INVOICE",
        "QUOTATION Q-118",
        "Zwischenrechnung",
        "KEINE RECHNUNG",
        "Kostenvoranschlag",
        "DEVIS N 12",
        "THIS IS NOT A RECEIPT",
        "INTERIM BILL",
        "PARAGON NIEFISKALNY",
        "DOCUMENTO NON FISCALE",
    ],
)
async def test_what_is_no_expense_is_a_doubt(title: str) -> None:
    fields = await read(title, *TEA)
    assert any("may be" in doubt for doubt in fields.doubts)
    assert (await read(*TEA, title)).doubts == fields.doubts


@pytest.mark.parametrize(
    "rows",
    [
        ("Previous balance | \u00a320.00", "Tea | 4.50", "TOTAL | \u00a324.50"),
        ("Tea | 40.00", "TOTAL | \u00a340.00", "Deposit paid | -30.00", "BALANCE DUE | 10.00"),
        ("Tee | 40,00", "Summe | \u00a340,00", "Anzahlung | -30,00", "Zu zahlen | 10,00"),
        ("Car | 40.00", "Kaution | 30.00", "Summe | \u00a370.00", "VISA | 70.00"),
        ("Tea | 4.50", "CASH TOTAL | \u00a34.50", "CARD TOTAL | \u00a34.68"),
        ("Tea | 4.50", "TOTAL | \u00a34.50", "VOUCHER | -4.50", "BALANCE DUE | 0.00"),
    ],
)
async def test_earlier_bills_deposits_and_vouchers_are_a_doubt(rows: tuple[str, ...]) -> None:
    assert (await read(*rows)).doubts


async def test_two_receipts_on_one_picture_are_a_doubt() -> None:
    other = ("Cake | 6.00", "TOTAL | \u00a36.00", "VISA | 6.00")
    assert (await read(*TEA, *HARBOUR_DELI, *other)).doubts
    later = ("Harbour Deli Ltd", "2 Quay Road, Leeds LS1 1AA", "15/03/2026 09:12")
    assert "there may be several receipts in it" in (await read(*TEA, *later, *TEA)).doubts


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ticket 4417 06/10/2026 08:55", "Ticket 4462 07/10/202608:48"),
        ("Ticket 4417", "Ticket 4418"),
        ("06/10/2026", "07/10/2026"),
        ("Receipt 06/10/2608:55", "Receipt 06/10/2609:10"),
    ],
)
async def test_two_tickets_of_the_same_price_are_a_doubt(first: str, second: str) -> None:
    twins = (*TEA, *HARBOUR_DELI[:2], second, *TEA)
    assert "there may be several receipts in it" in (await read(first, *twins)).doubts


async def test_a_copy_of_the_same_receipt_counts_once() -> None:
    fields = await read(*TEA, *HARBOUR_DELI, *TEA)
    assert (fields.total_cents, fields.doubts) == (450, ())
    numbered = ("Ticket 4417 14/03/2026 12:30", *TEA)
    fields = await read(*numbered, *HARBOUR_DELI, *numbered, "Copy 2 of 2")
    assert (fields.total_cents, fields.doubts) == (450, ())


@pytest.mark.parametrize(
    "row",
    [
        "Your order has been cancelled",
        "We have cancelled your order.",
        "You have not been charged.",
        "Ihre Bestellung wurde storniert",
        "Votre commande a \u00e9t\u00e9 annul\u00e9e",
    ],
)
async def test_an_order_that_was_cancelled_is_no_expense(row: str) -> None:
    assert any("void" in doubt for doubt in (await read(row, *TEA)).doubts)


@pytest.mark.parametrize(
    "row",
    [
        "Your order cannot be cancelled",
        "Cancelled orders are refunded within 14 days",
        "Your order",
    ],
)
async def test_terms_about_cancelling_are_no_doubt(row: str) -> None:
    fields = await read(row, *TEA)
    assert (fields.total_cents, fields.doubts) == (450, ())
