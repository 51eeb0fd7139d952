import pytest

from models import ReceiptText, TextLine
from providers.receipt_parser.receipt_rules.merchants import find_merchant
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed


def read(*rows: str) -> MerchantReading | None:
    return find_merchant(group_rows(printed(*rows)))


@pytest.mark.parametrize(
    ("printed_name", "name"),
    [
        ("ORCHID FURNITURE SDN BHD (123456-X)", "ORCHID FURNITURE SDN BHD"),
        ("ORCHID FURNITURE S/B 123456-U (OF1)", "ORCHID FURNITURE S/B"),
        ("#000002 ORCHID (M) Sdn Bhd", "ORCHID (M) SDN BHD"),
        ("ORCHID FURNITURE SON 8HD", "ORCHID FURNITURE SDN BHD"),
        ("ORCHID FRESH MARKETS/B.", "ORCHID FRESH MARKET S/B"),
        ("ORCHID FURNITURE 5/B", "ORCHID FURNITURE S/B"),
        ("ORCHID HARDWAKE TRADIHG", "ORCHID HARDWARE TRADING"),
        ("0RCHID FO0D", "0RCHID FOOD"),
        ("ORCHID COFFEE CO. CENTRAL MALL", "ORCHID COFFEE CO."),
        ("ORCHID BOOKS CO. (M) SDN BHD", "ORCHID BOOKS CO. (M) SDN BHD"),
        ("Orchid GmbH & Co. KG", "Orchid GmbH & Co. KG"),
        ("Orchid GmbH Berlin", "Orchid GmbH"),
        ("* ORCHID CAFE *", "ORCHID CAFE"),
        ("ORCHID (KUALA) TRADING", "ORCHID (KUALA) TRADING"),
        ("MR. O.1.Y. TRADING", "MR. O.I.Y. TRADING"),
        ("Orchidea S.r.I.", "Orchidea S.r.l."),
        ("Orchid Supply Inc. CREDIT MEMO", "Orchid Supply Inc."),
        ("Orchid Cloud LLC Invoice", "Orchid Cloud LLC"),
        ("Orchide SARL Facture proforma", "Orchide SARL"),
        ("Orkid\u00e9 AB FAKTURA", "Orkid\u00e9 AB"),
    ],
)
def test_a_name_is_cleaned_and_spelt_right(printed_name: str, name: str) -> None:
    assert clean_name(printed_name) == name


@pytest.mark.parametrize("word", ["BAKERS", "MARKETS", "SPORTY", "COFFEA", "MARTIN"])
def test_another_word_is_not_made_a_trade_word(word: str) -> None:
    assert clean_name(word) == word


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (("ORCHID TRADING", "12, JALAN BUNGA", "50000 KUALA LUMPUR"), "ORCHID TRADING"),
        (("A04121", "ORCHID TRADING", "12, JALAN BUNGA"), "ORCHID TRADING"),
        (("tan mei ling", "ORCHID TRADING", "12, JALAN BUNGA"), "ORCHID TRADING"),
        (("ORCHID", "PINE HOLDINGS SDN BHD", "(123456-X)"), "PINE HOLDINGS SDN BHD"),
        (("ORCHID BOOK", "CO. (M) SDN BHD", "(123456-X)"), "ORCHID BOOK CO. (M) SDN BHD"),
        (("ORCHID", "TRADING (SETIA", "ALAM) SDN BHD"), "ORCHID TRADING (SETIA ALAM) SDN BHD"),
        (
            ("ORCHID SDN BHD", "(formerly known as PINE SDN BHD)", "(123456-X)"),
            "ORCHID SDN BHD",
        ),
        (("RESTORAN", "SERI ORCHID", "12, JALAN BUNGA"), "RESTORAN SERI ORCHID"),
        (("ORCHID HENG", "STATIONERY & BOOKS", "(123456-X)"), "ORCHID HENG STATIONERY & BOOKS"),
        (("ORCHID'S", "G236, SUNNY MALL", "3, JALAN BUNGA"), "ORCHID'S"),
        (("Orchid", "Franchisee of Pine", "Jalan Bunga"), "Orchid"),
        (("TAX INVOICE", "ORCHID PIZZA", "GST NO: 001694261248"), "ORCHID PIZZA"),
        (("HAPPY?", "WE ARE!", "Orchid Markt", "Blumenstr. 4", "33102 Stadt"), "Orchid Markt"),
        (("orchid", "Orchid Pharmacy Stores", "12 High Street"), "Orchid Pharmacy Stores"),
        (("Linden", "Inh. Dr. Silke Orchid e.K.", "Blumenstr. 4"), "Linden"),
        (("The Fern", "Prop. Orchid Inns Ltd", "Main Street 4"), "The Fern"),
        (("Tigh Orchid", "Main Street, Dingle, Co. Kerry"), "Tigh Orchid"),
        (("Tigh Orchid", "Ballina Co. Mayo"), "Tigh Orchid"),
        (("Mulberry Street Cleaners", "55 Mulberry St"), "Mulberry Street Cleaners"),
        (("Warung Bu Sari", "Jl. Raya Ubud 18, Gianyar"), "Warung Bu Sari"),
        (("Ottica Orchid", "Data documento | 19/05/2026"), "Ottica Orchid"),
    ],
)
def test_the_name_is_told_from_stamps_slogans_and_addresses(
    rows: tuple[str, ...], name: str
) -> None:
    reading = read(*rows, "TAX INVOICE", "Tea | 4.50", "TOTAL | 4.50")
    assert reading is not None
    assert reading.name == name


def test_the_name_has_its_position() -> None:
    text = printed("ORCHID BOOK", "CO. (M) SDN BHD", "(123456-X)")
    reading = find_merchant(group_rows(text))
    assert reading is not None
    assert reading.box == (20, 20, 170, 70)


@pytest.mark.parametrize("rows", [("12/03/2024",), ("TEL 03-1234 5678", "TAX INVOICE"), ("-",)])
def test_a_receipt_without_a_name_has_no_merchant(rows: tuple[str, ...]) -> None:
    assert read(*rows) is None


STREET = "8 Mill Lane, Bath BA1 5XY"


@pytest.mark.parametrize(
    "title",
    [
        *("FACTURE", "FACTURE N 118", "KVITTO", "KUNDENBELEG", "SCONTRINO FISCALE", "KASSABON"),
        *("DOCUMENTO COMMERCIALE", "PARAGON FISKALNY", "FACTURA SIMPLIFICADA", "Kuitti", "NYUGTA"),
        *("TAX INVOICE 0098", "SALES RECEIPT", "CUSTOMER COPY", "GUTSCHRIFT", "Kvittering"),
    ],
)
def test_a_title_is_no_name(title: str) -> None:
    for rows in ((title, "Villa Orchid", STREET), ("Villa Orchid", title, STREET)):
        reading = read(*rows)
        assert reading is not None
        assert (reading.name, reading.doubt) == ("Villa Orchid", None)


@pytest.mark.parametrize(
    "address",
    [
        ("14 rue des Tilleuls", "35000 RENNES"),
        ("Store 114 Boise, ID 83705",),
        ("Ames, IA 50010",),
        ("9 quai Nord, 56100 LORIENT",),
        ("C/ Mayor 22, 28013 Madrid",),
        ("ul. Polna 4, 00-625 Warszawa",),
        ("Storgatan 4, 111 22 Stockholm",),
        ("Kade 8, 8911 AB Leeuwarden",),
        ("88 Queen St, Guelph, ON N1H 3T9",),
        ("220 Elm, Reno, NV 89501",),
    ],
)
def test_an_address_is_no_name(address: tuple[str, ...]) -> None:
    reading = read("Chez Orchid", *address, "13/11/2026 13:04", "Tea | 4.50", "TOTAL | 4.50")
    assert reading is not None
    assert (reading.name, reading.doubt) == ("Chez Orchid", None)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (
            (
                "Bill to",
                "Pine Consulting Inc",
                "4 Main St, Boise, ID 83702",
                "From",
                "Orchid Design LLC",
            ),
            "Orchid Design LLC",
        ),
        (("FROM: Orchid Design | TO: John Doe", "INVOICE 12"), "Orchid Design"),
        (("Orchid Plumbing", "Bill to: N. Pine Ltd", "Boiler | 300.00"), "Orchid Plumbing"),
        (
            (
                "Orchid Hosting AG - Uferweg 4 - 63571 Gelnhausen",
                "Pine Ltd.",
                "9 Sai Yu Road",
                "Rechnung",
            ),
            "Orchid Hosting AG",
        ),
        (("INVOICE | Orchid", "To | PINE LTD", "Invoice No | 118"), "Orchid"),
        (
            ("Orchid Repair | INVOICE DATE 11/02/2026", "1912 Harvest Lane | P.O. 12"),
            "Orchid Repair",
        ),
        (("Orchid B.V.", "FACTUUR", "Weena 4", "3012 CN Rotterdam"), "Orchid B.V."),
        (("ROWAN STREET BOOKS", "Ames, IA 50010"), "ROWAN STREET BOOKS"),
        (("Librairie Quai 9", "9 quai Nord, 56100 LORIENT"), "Librairie Quai 9"),
    ],
)
def test_the_seller_is_told_from_the_customer(rows: tuple[str, ...], name: str) -> None:
    reading = read(*rows)
    assert reading is not None
    assert (reading.name, reading.doubt) == (name, None)


def test_a_name_that_may_be_the_customer_s_is_a_doubt() -> None:
    reading = read(
        "Factuuradres | Afleveradres", "Pine Corp | Pine", "Kade 46 | Kade 46", "FACTUUR"
    )
    assert reading is None or reading.doubt


@pytest.mark.parametrize(
    "name",
    [
        "[Pay here](http://evil.example) ACME SDN BHD",
        "ACME <b>SDN BHD",
        "https://acme.example ACME GMBH",
        "WWW.ACME.EXAMPLE ACME LTD",
    ],
)
def test_a_name_that_is_a_link_or_markup_is_a_doubt(name: str) -> None:
    found = read(name, "Jalan Besar 1, 12345 Kuala Lumpur", "TEA 12.00", "TOTAL RM 12.00")
    assert found
    assert found.doubt == f"{found.name} may not be the merchant"


@pytest.mark.parametrize("beside", ["FAKTURA", "CREDIT NOTE", "Spett.le", "Bill to", "OFERTA"])
def test_what_stands_a_little_apart_from_a_name_is_no_part_of_it(beside: str) -> None:
    name = TextLine(text="Orchid Nord", box=(20, 20, 260, 60), confidence=0.98)
    other = TextLine(text=beside, box=(310, 22, 480, 60), confidence=0.98)
    street = TextLine(text="12 High Street", box=(20, 80, 260, 110), confidence=0.98)
    text = ReceiptText(lines=(name, other, street), width=600, height=200, engine="test")
    reading = find_merchant(group_rows(text))
    assert reading is not None
    assert reading.name == "Orchid Nord"


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (("NEEDLE DROP RECORDS Nov 21 '26 6:02p", "Chicago, IL 60622"), "NEEDLE DROP RECORDS"),
        (("Larch & Loom <orders@larchandloom.example>", "27 April"), "Larch & Loom"),
        (
            ("Dachdecker Hollmann", "Meisterbetrieb - Feldweg 3 - 37574 Einbeck"),
            "Dachdecker Hollmann",
        ),
        (("SUAN MALI MINIMART", "Soi 11, Chiang Mai", "TAX ID 0505561"), "SUAN MALI MINIMART"),
        (("Coiffure Bellevue", "Nicole Ammann", "Bahnhofplatz 2, 8400 Thun"), "Coiffure Bellevue"),
        (("Casa Tere", "Cartago, Costa Rica", "Calle 3"), "Casa Tere"),
        (("Kundendienst", "Orchid Nord", "12 High Street"), "Orchid Nord"),
        (("Sprzedawca | Nabywca", "Orchid S.A. | Kawiarnia Lira", "ul. 3 | ul. 5"), "Orchid S.A"),
        (
            (
                "Receipt",
                "Date paid | 1",
                "No | 2",
                "Payment method | Visa",
                "Orchid, Inc. | Bill to",
            ),
            "Orchid, Inc",
        ),
    ],
)
def test_what_is_beside_or_below_a_name_is_no_name(rows: tuple[str, ...], name: str) -> None:
    reading = read(*rows)
    assert reading is not None
    assert reading.name.rstrip(".") == name


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (("Lounaskahvila Puolukka", "H\u00e4meenkatu 2, 33200 Tampere", "Y-tunnus 2441882-0"), 0),
        (
            (
                "FERRAMENTA ZANELLA",
                "di Zanella Piero & C. S.n.c.",
                "Via Garibaldi 91 - 31100 Treviso",
            ),
            0,
        ),
        (("Garage Lemoine", "SARL au capital de 12 000 \u20ac", "27 route de Vannes"), 0),
        (("Corner Books", "Store 114", "London SWIA 1AA"), 0),
    ],
)
def test_what_stands_below_a_name_is_none(rows: tuple[str, ...], name: int) -> None:
    reading = read(*rows)
    assert reading is not None
    assert reading.name == rows[name]


def test_a_title_with_a_number_behind_a_legal_form_is_no_part_of_the_name() -> None:
    assert (
        clean_name("Imprimerie Hainaut SPRL NOTE DE CR\u00c9DIT NC-041")
        == "Imprimerie Hainaut SPRL"
    )


@pytest.mark.parametrize("row", ["London SWIA 1AA", "Store 114", "Filiale Koeln Sued"])
def test_a_branch_or_a_postcode_is_not_sure_to_be_a_name(row: str) -> None:
    reading = read(row, "12 High Street", "14/03/2026", "VAT No 123 4567 89")
    assert reading is None or reading.doubt
