"""Names that a person has confirmed: recognized but for OCR's slips, and never another shop's."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.receipt_rules.merchants.known import KnownMerchants
from tests.support.printed_receipts import printed

BELOW = ("Hauptstr. 5", "50667 Köln", "28.02.2026", "Kaffee | 12.30", "TOTAL EUR | 12.30")
FAR_DOWN = ("28.02.2026", "Kaffee | 12.30", "TOTAL EUR | 12.30", "Blaue Blume")
"""A receipt whose only name stands where a name is rather something else."""


def read(known: list[str], *rows: str) -> ReceiptFields:
    return RulesParser(Settings()).read(printed(*rows), KnownMerchants(known))


@pytest.mark.parametrize(
    ("known", "misread"),
    [
        ("REWE MARKT GmbH", "REWF MARKT GmbH"),
        ("REWE Markt", "rewe markt gmbh"),
        ("REWE Markt GmbH", "REWEMARKT"),
        ("REWE Markt GmbH", "REWE MARK"),
        ("REWE Markt GmbH", "REWE MARKT GNBH"),
        ("Rossmann", "R0SSMANN"),
        ("Lidl", "LIDI"),
        ("Bäckerei Müller", "BACKEREI MULLER"),
        ("Bäckerei Müller", "Baeckerei Mueller"),
        ("Café Łódź", "CAFE LODZ"),
        ("Kettle & Quill", "KETTIE  & QUILL"),
        ("Bernds Imbiss", "BEMDS IMBISS"),
        ("Hotel Goldener Hirsch", "HOTEL COLDENER HIRSCH"),
        ("Hotel Goldener Felsen", "HOTEL COLDENER EELSEN"),
        ("McDonald's", "MCDONALDS"),
        ("dm-drogerie markt", "dm drogerie markt GmbH + Co. KG"),
        ("Yew Chuan Sdn Bhd", "YEW CHUAN"),
        ("Studio 54", "STUDIO 54"),
        ("7-Eleven", "7 ELEVEN"),
        ("dm", "DM"),
        ("Müller GmbH", "MÜLLER GMBH & CO. KG"),
    ],
)
def test_a_slip_of_ocr_is_seen_through(known: str, misread: str) -> None:
    assert KnownMerchants([known]).named(misread) == known


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("Hotel Adler", "Hotel Adlon"),
        ("Hotel Adler", "Hotel Krone"),
        ("Hotel Adler", "Adler"),
        ("Adler", "Adler Apotheke"),
        ("Bäckerei Müller", "Bäckerei Miller"),
        ("Bäckerei Müller", "Bäckerei Möller"),
        ("Bäckerei Maier", "Bäckerei Mayer"),
        ("Bäckerei Hofmann", "Bäckerei Hoffmann"),
        ("Cafe Rosa", "Cafe Rose"),
        ("Cafe Anna", "Cafe Anne"),
        ("Bar Leo", "Bar Led"),
        ("Müller GmbH", "Müller AG"),
        ("Tankstelle 24", "Tankstelle 21"),
        ("7-Eleven 1051", "7-Eleven 1057"),
        ("Studio 6", "Studio G"),
        ("REWE", "REWE 123"),
        ("REWE", "REVE"),
        ("Aldi", "Alde"),
        ("Gold", "Cold"),
        ("dm", "dn"),
        ("OBI", "ODI"),
        ("H&M", "H&N"),
        ("Food Mart", "Foot Mart"),
        ("Corner Cafe", "Corner Cake"),
        ("Golden Egg", "Colden Fgg"),
        ("Hotel Post Bonn", "Hotel Post Ulm"),
        ("GmbH", "AG"),
        ("!", "?"),
        ("Adler", ""),
    ],
)
def test_another_shop_stays_another(known: str, other: str) -> None:
    names = KnownMerchants([known])
    assert (names.named(other), names.in_full(other)) == (None, None)


def test_the_last_spelling_counts_and_what_may_be_two_is_none() -> None:
    assert KnownMerchants(["Rewe", "REWE"]).named("rewe") == "Rewe"
    assert KnownMerchants(["Bar Felsen", "Bar Eelsen"]).named("BAR FELSEN") == "Bar Felsen"
    assert KnownMerchants(["Haus Cover", "Haus Rabe"]).named("Haus Gover") == "Haus Cover"
    assert KnownMerchants(["Haus Cover", "Haus Gouar"]).named("Haus Gover") == "Haus Cover"
    assert KnownMerchants(["Haus Coval", "Haus Goual"]).named("Haus Goval") is None
    assert KnownMerchants(["Müller AG", "Müller GmbH"]).named("Müller") is None
    assert KnownMerchants(["Müller AG", "Müller GmbH"]).named("Müller GmbH") == "Müller GmbH"


def test_a_known_name_is_spelt_as_it_was_confirmed() -> None:
    fields = read(["REWE Markt GmbH"], "REWF MARKT GMBH", *BELOW)
    assert (fields.merchant, fields.doubts, fields.unconfirmed) == ("REWE Markt GmbH", (), None)
    assert read(["REWE Markt GmbH"], "Hotel Adler", *BELOW).merchant == "Hotel Adler"
    assert read([], "REWF MARKT GMBH", *BELOW).merchant == "REWF MARKT GMBH"


def test_a_known_name_is_no_doubt() -> None:
    assert read([], *FAR_DOWN).doubts == ("Blaue Blume may not be the merchant",)
    fields = read(["BLAUE BLUME"], *FAR_DOWN)
    assert (fields.merchant, fields.doubts, fields.unconfirmed) == ("BLAUE BLUME", (), None)
    assert fields.readings["merchant"].confidence > 0.9
    assert read(["Rote Rose"], *FAR_DOWN).doubts


def test_a_doubtful_name_that_resembles_a_known_one_is_suggested() -> None:
    fields = read(["Blaue Blüte", "Hotel Adler"], *FAR_DOWN)
    assert (fields.merchant, fields.doubts) == (
        "Blaue Blume",
        ("Blaue Blume may not be the merchant",),
    )
    assert fields.candidates["merchant"] == ("Blaue Blüte",)


def test_a_known_name_at_the_top_is_preferred_to_one_that_is_not_certain() -> None:
    names = ["Blaue Blume"]
    assert read([], "Schöne Dinge", "BLAUE BLUME", *BELOW).merchant == "Schöne Dinge"
    assert read(names, "Schöne Dinge", "BLAUE BLUME", *BELOW).merchant == "Blaue Blume"
    assert read(names, "Schöne Dinge", "BLAUE", "BLUME", *BELOW).merchant == "Blaue Blume"
    assert read(names, "Schöne Dinge", "BLAUE BLUMF", *BELOW).merchant == "Schöne Dinge", "a slip"
    assert read(names, "Dinge GmbH", "BLAUE BLUME", *BELOW).merchant == "Dinge GmbH", "certain"
    both = ["Blaue Blume", "Rote Rose"]
    assert read(both, "Schöne Dinge", "BLAUE BLUME", "ROTE ROSE", *BELOW).merchant == "Schöne Dinge"
    assert read(["Lola"], "Schöne Dinge", "LOLA", *BELOW).merchant == "Schöne Dinge", "too short"


def test_a_known_name_is_not_a_customer_nor_the_label_of_an_amount() -> None:
    bill = ("Schöne Dinge", "Rechnung an: | Blaue Blume", *BELOW)
    assert read(["Blaue Blume"], *bill).merchant == "Schöne Dinge"
    known = read(["Kaffee Sorten"], "28.02.2026", "Kaffee Sorten | 12.30", "TOTAL EUR | 12.30")
    assert known.merchant != "Kaffee Sorten"
