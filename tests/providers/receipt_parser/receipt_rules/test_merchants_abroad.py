# ruff: noqa: RUF001
"""Merchants of many countries: heads of receipts of invented shops."""

import pytest

from providers.receipt_parser.receipt_rules.merchants import find_merchant
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import has_legal_form
from providers.receipt_parser.receipt_rules.merchants.words.titles import is_title
from providers.receipt_parser.receipt_rules.rows import group_rows
from providers.receipt_parser.receipt_rules.vocabulary import fold
from tests.support.printed_receipts import printed


def read(head: str) -> MerchantReading | None:
    return find_merchant(group_rows(printed(*head.split(" / "), "Item | 4.50", "TOTAL | 4.50")))


@pytest.mark.parametrize(
    ("name", "below"),
    [
        ("Kwiaciarnia Stokrotka", "Barbara Wilk / ul. Długa 12, 31-147 Kraków / NIP 6761188220"),
        ("Květinářství Růžička", "Jana Dvořáková / Palackého 8, 612 00 Brno"),
        ("Virágbolt Nárcisz", "Kovácsné Nagy Éva e.v. / 6720 Szeged, Kárász u. 4."),
        ("Cvjećara Orhideja", "vl. Amra Hodžić / Titova 8, 71000 Sarajevo"),
        ("Çiçekçi Lale", "Mehmet Yılmaz / İstiklal Cad. No: 118 Beyoğlu/İSTANBUL"),
        ("Sykkelhuset", "v/Ola Berg / Storgata 4, 2609 Lillehammer"),
        ("Fioreria Margherita", "di Rossi Elena / Via Roma 12, 35121 Padova"),
        ("Ανθοπωλείο Γαρδένια", "Παπαδοπούλου Μαρία / Ερμού 12, 10563 Αθήνα"),
        ("Gabinet Weterynaryjny Reks", "lek. wet. Tomasz Lis / ul. Leśna 4, 10-173 Olsztyn"),
        ("Blomsterboden i Lund", "Bangatan 8, 222 21 Lund"),
        ("Mallee Camping World", "ABN 55 118 204 993 / Deakin Ave, Mildura VIC 3500"),
        ("Te Aroha Hot Pools", "Matamata-Piako District Council / Whitaker St, Te Aroha 3320"),
        ("Bageren på Torvet", "Torvet 4 / 8600 Silkeborg"),
        ("Adeola Tailors", "18 Allen Avenue, Ikeja, Lagos / TIN 01188220-0001"),
        ("Lichtspiele Central", "Kinobetriebe Nord GmbH & Co. KG / Große Str. 4, 24937 Flensburg"),
        ("Kavárna Pod Lípou", "provozovatel: Lípa Group s.r.o. / Náměstí Míru 3, 120 00 Praha"),
        ("Yıldız Oto Servis Tic. ve San. Ltd. Şti", "Sanayi Mah. 118. Sok. No 4 / Ostim"),
        ("Bewley's Grafton Street", "Bewleys Cafe Grafton St Ltd / 78 Grafton St, Dublin 2"),
        ("Dieter Kunze", "Rosenweg 4 / 04277 Leipzig / Rechnungsnummer 2026-118"),
    ],
)
def test_a_shop_is_told_from_its_owner_its_company_and_its_street(name: str, below: str) -> None:
    reading = read(f"{name} / {below}")
    assert reading is not None
    assert (reading.name.rstrip("."), reading.doubt) == (name, None)


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ("============ FISKALNI RAČUN ============", "Kafana Dva Lipana"),
        ("============ ФИСКАЛНИ РАЧУН ============ / 101188220", "Cvecara Ruža"),
        ("*** POTWIERDZENIE ***", "Kino Radość"),
        ("* * * B E L E G * * *", "Café Kranzler Eck"),
        ("CARTE BANCAIRE / A0000000421010 / CB CONTACTLESS", "Maroquinerie Rivoire"),
        ("VISA CREDIT / SALE", "Desert Bloom Nursery"),
        ("TRAININGSBON - kein Verkauf", "Imbiss Zur Linde"),
        ("¡BIENVENIDOS!", "Heladería Polo Norte"),
        ("WILLKOMMEN BEI", "Pizzeria Bella Vista"),
        ("Verkauf und Versand durch | Bestellnr. 118-2204", "Nord Elektronik Shop"),
        ("Rückerstattungsbeleg", "Werkzeug Marder GmbH"),
    ],
)
def test_what_stands_above_a_name_is_none(above: str, name: str) -> None:
    reading = read(f"{above} / {name} / 18 High Street, Ludlow SY8 1NG")
    assert reading is not None
    assert (reading.name, reading.doubt) == (name, None)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("Receipt from Pine Ridge Roasters LLC", "Pine Ridge Roasters LLC"),
        ("Your receipt from Nimbus Cloud Storage", "Nimbus Cloud Storage"),
        ("Sold by Gizmo Barn LLC", "Gizmo Barn LLC"),
        ("Welcome to Fern Books", "Fern Books"),
    ],
)
def test_a_name_behind_words_of_an_app_is_the_seller_s(row: str, name: str) -> None:
    reading = read(f"{row} / March 4, 2026")
    assert reading is not None
    assert (reading.name, reading.doubt) == (name, None)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Bella / Gastro Plus GmbH / Kaiserstr. 4, 76133 Karlsruhe", "Bella"),
        ("Copper Mule / Tap Room Partners LLC / 118 5th Ave, Nashville TN 37201", "Copper Mule"),
        ("ZAFFERELLI / Orchid Kitchen & Bar / 118 Bold Street", "Orchid Kitchen & Bar"),
        ("Salzburg / Linzer Gasse 4 / 5020 Salzburg", "Salzburg"),
    ],
)
def test_where_two_names_are_possible_or_the_only_one_is_a_town_it_is_a_doubt(
    head: str, name: str
) -> None:
    reading = read(head)
    assert reading is not None
    assert (reading.name, reading.doubt) == (name, f"{name} may not be the merchant")


def test_a_shop_in_malaysia_is_called_by_its_company() -> None:
    reading = read("Kedai Orchid / PINE HOLDINGS SDN BHD / 12, JALAN BESAR, 50000 KUALA LUMPUR")
    assert reading is not None
    assert (reading.name, reading.doubt) == ("PINE HOLDINGS SDN BHD", None)


def test_a_link_tells_the_shop_from_its_company() -> None:
    head = "Piwonia Rosa / Kwiaty Sp. z o.o. / ul. Polna 4 / www.piwonia.pl"
    reading = read(head)
    assert reading is not None
    assert (reading.name, reading.doubt) == ("Piwonia Rosa", None)


@pytest.mark.parametrize(
    "form",
    [
        *("Sp. z o.o.", "sp.k.", "s.c.", "d.o.o.", "j.d.o.o.", "s.r.o.", "spol. s r.o.", "a.s."),
        *("Kft.", "Bt.", "Zrt.", "S.R.L.", "EOOD", "ЕООД", "UAB", "SIA", "OÜ", "AS", "A.Ş."),
        *("Ltd. Şti.", "Ges.m.b.H.", "e.U.", "OG", "Sàrl", "S.A. de C.V.", "S. de R.L.", "S.A.C."),
        *("E.I.R.L.", "Ltda.", "EPP", "Lda.", "VOF", "HB", "KB", "ANS", "K/S", "ehf.", "hf."),
        *("Oy", "Ky", "Tmi", "Pvt Ltd", "LLP", "Pty Ltd", "(Pty) Ltd", "CC", "Tbk", "Co., Ltd."),
        *("ApS", "SpA", "S.p.A.", "S.n.c.", "W.L.L.", "L.L.C.", "株式会社", "ООД", "Ε.Π.Ε."),
    ],
)
def test_a_legal_form_is_known_and_stays_in_the_name(form: str) -> None:
    name = f"Orchid {form}"
    assert has_legal_form(name)
    assert clean_name(name).rstrip(".") == name.rstrip(".")


@pytest.mark.parametrize(
    "name", ["Portmere, ME", "Day Spa", "LOTUS DAY SPA", "Tell Me", "THIS IS", "Anna", "Casa Bona"]
)
def test_a_word_like_a_legal_form_is_none(name: str) -> None:
    assert not has_legal_form(name)


@pytest.mark.parametrize("name", ["The Bar", "The Store", "Hotel", "Taxi", "Day One", "Grand Café"])
def test_words_that_titles_have_are_no_title_alone(name: str) -> None:
    assert not is_title(fold(name), name)


@pytest.mark.parametrize(
    ("printed_name", "name"),
    [
        ("Herramientas S.A. de C.V. NOTA DE CRÉDITO", "Herramientas S.A. de C.V."),
        ("Narzędzia Sp. z o.o. FAKTURA KORYGUJĄCA", "Narzędzia Sp. z o.o"),
        ("Gereedschap B.V. RETOURBON", "Gereedschap B.V."),
        ("97070 Würzburg", "Würzburg"),
    ],
)
def test_a_name_is_cut_behind_its_legal_form_alone(printed_name: str, name: str) -> None:
    assert clean_name(printed_name).rstrip(".") == name.rstrip(".")
