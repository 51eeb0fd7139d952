import datetime as dt

import pytest

from providers.receipt_parser.receipt_rules.dates import DateReading, find_date
from providers.receipt_parser.receipt_rules.dates.orders import is_year_first
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed

TODAY = dt.date(2024, 6, 30)


def read(*rows: str, day_first: bool | None = True) -> DateReading | None:
    return find_date(group_rows(printed(*rows)), TODAY, day_first)


def found(*rows: str, day_first: bool | None = True) -> DateReading:
    reading = read(*rows, day_first=day_first)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-14", "2024-03-14"),
        ("14/03/2024", "2024-03-14"),
        ("14-03-24", "2024-03-14"),
        ("14.03.24 09:59", "2024-03-14"),
        ("14/03/20245:57:07PM", "2024-03-14"),
        ("14.03.202416:07", "2024-03-14"),
        ("14 Mar 2024 18:24", "2024-03-14"),
        ("14/Mar/2024", "2024-03-14"),
        ("14. März 2024", "2024-03-14"),
        ("14 Dez 2023", "2023-12-14"),
        ("14 Ogos 2023", "2023-08-14"),
        ("March 14, 2024", "2024-03-14"),
        ("#19- 14/03/2024", "2024-03-14"),
        ("#19-14/03/2024", "2024-03-14"),
        ("14 03-24", "2024-03-14"),
        ("14032024 13:11:54 0003", "2024-03-14"),
        ("Date: 20240314", "2024-03-14"),
        ("l4/O3/2024", "2024-03-14"),
        ("Le 14 f\u00e9vrier 2024 \u00e0 16h12", "2024-02-14"),
        ("1er mars 2024", "2024-03-01"),
        ("14 de marzo de 2024", "2024-03-14"),
        ("14 maart 2024", "2024-03-14"),
        ("14 maggio 2024", "2024-05-14"),
        ("den 14 mars 2024", "2024-03-14"),
        ("14 mar\u00e7o 2024", "2024-03-14"),
        ("14 wrze\u015bnia 2023", "2023-09-14"),
        ("14. \u0159\u00edjna 2023", "2023-10-14"),
        ("14 \u015eubat 2024", "2024-02-14"),
        ("14. toukokuuta 2024", "2024-05-14"),
        ("2024. m\u00e1rcius 14.", "2024-03-14"),
        ("2024. 03. 14.", "2024-03-14"),
        ("2024\u5e743\u670814\u65e5", "2024-03-14"),
        ("Apr 14 '24 10:11 AM", "2024-04-14"),
        ("Sun Apr 14 10:11:12 2024", "2024-04-14"),
        ("14ABR2024", "2024-04-14"),
        ("14 0ct 2023", "2023-10-14"),
        ("14 N0V 2023", "2023-11-14"),
        ("2023. 0kt. 14", "2023-10-14"),
        ("Apr 14'24", "2024-04-14"),
        ("Sun Apr 14 10:11:12 | 2024", "2024-04-14"),
        ("14 avril | 2024", "2024-04-14"),
        ("14/3 2024", "2024-03-14"),
    ],
)
def test_a_date_is_read_in_every_form(text: str, date: str) -> None:
    reading = found("SHOP", text, "TOTAL | 1.00")
    assert (reading.date.isoformat(), reading.doubt) == (date, None)


@pytest.mark.parametrize(
    "text", ["31/02/2024", "14/03/2031", "14/03/1971", "03-89410243", "1.499", "12/50", "-"]
)
def test_an_impossible_day_is_no_date(text: str) -> None:
    assert read("SHOP", text, "TOTAL | 1.00") is None


def test_the_labelled_day_wins_over_an_expiry_date() -> None:
    rows = ("Card Expiry: 30/09/2023 10:00", "Date: 14/03/2024", "Exchange before 01/04/2024")
    assert found(*rows).date == dt.date(2024, 3, 14)


def test_a_day_printed_twice_wins_over_one_printed_once() -> None:
    rows = ("10/03/2024", "14/03/2024", "SHOP", "14/03/2024")
    assert found(*rows).date == dt.date(2024, 3, 14)


def test_the_country_orders_day_and_month() -> None:
    assert found("03/04/2024", day_first=True).date == dt.date(2024, 4, 3)
    assert found("03/04/2024", day_first=False).date == dt.date(2024, 3, 4)


@pytest.mark.parametrize(
    "rows",
    [
        ("Date 03/04/2024 10:00", "Member since 12/25/2020"),
        ("DATE: 03/04/2024 10:17 PM", "printed 2024-03-04 22:18"),
        ("DATE: 03/04/2024 10:17 PM", "4 Mar 2024"),
    ],
)
def test_another_date_on_the_receipt_settles_the_order(rows: tuple[str, ...]) -> None:
    for country in (None, True):
        reading = found(*rows, day_first=country)
        assert (reading.date, reading.doubt) == (dt.date(2024, 3, 4), None)


def test_an_unknown_order_of_day_and_month_is_a_doubt() -> None:
    reading = found("03/04/2024", day_first=None)
    assert reading.date == dt.date(2024, 4, 3)
    assert reading.doubt == "the date may be 2024-04-03 or 2024-03-04"
    assert found("04/04/2024", day_first=None).doubt is None


def test_an_impossible_order_gives_way_to_the_possible_one() -> None:
    assert found("12/28/2023", day_first=True).date == dt.date(2023, 12, 28)
    assert found("06/07/2024", day_first=True).date == dt.date(2024, 6, 7)


@pytest.mark.parametrize(
    "rows",
    [
        ("Customer since 01/02/2009", "Invoice date 14/03/2024", "Payment due 28/03/2024"),
        ("Bestelldatum | 01.03.2024", "Lieferdatum | 12.03.2024", "Rechnungsdatum | 14.03.2024"),
        ("Orderdatum: 10-03-2024", "Factuurdatum: 14-03-2024", "Vervaldatum: 28-03-2024"),
        ("Order number | Invoice date | Due date", "S0042 | 14/03/2024 | 28/03/2024"),
        ("Invoice Date: | Due Date: | Reference:", "14/03/2024 | 28/03/2024 | CUSTREF9"),
        ("Check in 10/03/2024 Check out 13/03/2024", "Invoice date 14/03/2024"),
        ("Leistungszeitraum 01.02.2024 - 29.02.2024", "14.03.2024"),
        ("Facture du 14 mars 2024", "\u00c9ch\u00e9ance 14/04/2024"),
        ("Sale 14/03/2024 13:15", "Items may be exchanged through", "01/06/2024 10:00 PM"),
        ("IN: 13/03/24 22:10", "OUT: 14/03/24 06:02"),
        ("14/03/2024", "11/03/2024 | Hammer | 3.00 | 6.00", "12/03/2024 | Nails | 2.00 | 4.00"),
        ("14/03/2024 12:30", "COUPON VALID 01/04/2024 - 15/04/2024"),
        ("RETURN", "Original receipt 01/03/2024", "14/03/2024 12:30"),
    ],
)
def test_other_days_do_not_outvote_that_of_the_purchase(rows: tuple[str, ...]) -> None:
    reading = found(*rows)
    assert (reading.date, reading.doubt) == (dt.date(2024, 3, 14), None)


def test_only_another_day_is_a_doubt() -> None:
    assert found("Payment due 28/03/2024").doubt
    assert found("10/03/2024", "14/05/2024").doubt


def test_the_year_comes_first_where_it_does() -> None:
    rows = group_rows(printed("SHOP", "23/10/11 12:00"))
    reading = find_date(rows, TODAY, None, is_year_first=True)
    assert reading is not None
    assert (reading.date, reading.doubt) == (dt.date(2023, 10, 11), None)
    assert is_year_first("KRW", rows)
    assert is_year_first("USD", group_rows(printed("Inn", "Seoul, Korea")))
    assert not is_year_first("EUR", rows)
    assert found("23/10/11 12:00").doubt == "the date may be 2011-10-23 or 2023-10-11"


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Invoice date", "PO date"),
        ("Invoice date", "Order date"),
        ("Receipt date", "Printed"),
        ("Data wystawienia", "Data sprzeda\u017cy"),
        ("\u00c9mis le", "Aller"),
        ("Rechnungsdatum", "Angebot vom"),
        ("Fecha de emisi\u00f3n", "Pedido"),
        ("Data fattura", "Preventivo del"),
        ("Factuurdatum", "Offerte d.d."),
        ("Fakturadatum", "Best\u00e4lld"),
    ],
)
def test_the_day_that_a_paper_was_issued_outvotes_those_before_it(label: str, other: str) -> None:
    for rows in (
        (f"{label} | 14/03/2024", f"{other} | 02/03/2024"),
        (f"{other} | 02/03/2024", f"{label} | 14/03/2024"),
    ):
        reading = found("SHOP", *rows)
        assert (reading.date, reading.doubt) == (dt.date(2024, 3, 14), None)


def test_a_day_below_a_row_of_money_has_no_label() -> None:
    reading = found("CARD | \u00a323.06", "CHANGE DUE | 0.00", "14/03/24 19:22 2217 041 8890")
    assert (reading.date, reading.doubt) == (dt.date(2024, 3, 14), None)


def test_a_swedish_day_of_two_digits_each_begins_with_the_year() -> None:
    rows = group_rows(printed("KVITTO", "23-03-24"))
    reading = find_date(rows, TODAY, True, is_year_first("SEK", rows))
    assert reading is not None
    assert (reading.date, reading.doubt) == (dt.date(2023, 3, 24), None)
    slashed = group_rows(printed("KVITTO", "24/3-23"))
    reading = find_date(slashed, TODAY, True, is_year_first("SEK", slashed))
    assert reading is not None
    assert reading.date == dt.date(2023, 3, 24)
    assert found("23-03-24").date == dt.date(2024, 3, 23)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("14/03/2567", "2024-03-14"),
        ("14 Mar 2567", "2024-03-14"),
        ("\u4ee4\u548c6\u5e743\u670814\u65e5", "2024-03-14"),
        ("R6.3.14", "2024-03-14"),
        ("\u6c11\u570b113\u5e743\u670814\u65e5", "2024-03-14"),
    ],
)
def test_years_of_thailand_japan_and_taiwan_are_ours(text: str, date: str) -> None:
    assert str(found(text).date) == date


@pytest.mark.parametrize("time", ["ORA 08-31-15", "0RA 08-31-15", "TIME: 08-31-15"])
def test_a_time_with_dashes_tells_no_order_of_day_and_month(time: str) -> None:
    reading = found(f"DATA 09/03/2024 {time}")
    assert (reading.date, reading.doubt) == (dt.date(2024, 3, 9), None)


@pytest.mark.parametrize(
    ("paper", "other"),
    [
        ("Zakopane, 14 marca 2024", "Data sprzeda\u017cy: 13 marca 2024"),
        ("Wernigerode, 14.03.2024", "zu Auftrag 7QX2LM vom 02.03.2024"),
        ("M\u00fcnchen, den 14.03.2024", "Behandlung vom 02.03.2024"),
        ("K\u00f6pt | 14 mars 2024 kl. 21.14", "Resa ut | 20 april 2024 08.02"),
        ("Booked on | 14 March 2024", "Outward | Fri 12 April 2024, 08:15"),
        ("Acquistato il 14/03/2024", "Andata 20/04/2024"),
    ],
)
def test_the_day_of_a_letter_or_a_booking_outvotes_that_of_the_sale_or_the_journey(
    paper: str, other: str
) -> None:
    for rows in ((paper, other), (other, paper)):
        reading = found("SHOP", *rows)
        assert (reading.date, reading.doubt) == (dt.date(2024, 3, 14), None)


def test_the_day_of_the_invoice_that_is_refunded_is_not_that_of_the_refund() -> None:
    rows = group_rows(printed("CREDIT MEMO", "Date 03/14/2024", "Invoice date 02/20/2024"))
    reading = find_date(rows, TODAY, False, is_refund=True)
    assert reading is not None
    assert (reading.date, reading.doubt) == (dt.date(2024, 3, 14), None)


@pytest.mark.parametrize(
    "show",
    [
        "Vorstellung: Sa 29.06.2024 20:15",
        "Veranstaltung 29.06.2024",
        "Performance 29/06/2024 19:30",
        "Event date 29/06/2024",
        "Seance du 29/06/2024",
        "Funci\u00f3n 29/06/2024",
        "Spettacolo del 29/06/2024",
        "F\u00f6rest\u00e4llning 2024-06-29",
    ],
)
def test_the_day_of_a_show_is_not_that_of_the_sale(show: str) -> None:
    reading = found("Verkauf 14.03.2024 18:02", show)
    assert (str(reading.date), reading.doubt) == ("2024-03-14", None)


@pytest.mark.parametrize("title", ["RETURN / REFUND", "SALES RETURN", "RETURN", "UMTAUSCH"])
def test_the_title_of_a_refund_is_no_label_of_the_day_below_it(title: str) -> None:
    rows = group_rows(printed("Loon Lake", title, "14/03/2024"))
    reading = find_date(rows, TODAY, True, is_refund=True)
    assert reading is not None
    assert reading.doubt is None


def test_the_day_of_a_return_is_a_doubt_where_nothing_was_refunded() -> None:
    assert found("Car hire", "RETURN", "14/03/2024").doubt
