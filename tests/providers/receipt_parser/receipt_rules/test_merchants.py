import pytest

from providers.receipt_parser.receipt_rules.merchants import MerchantReading, find_merchant
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
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
