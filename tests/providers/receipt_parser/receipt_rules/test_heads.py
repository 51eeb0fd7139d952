"""Heads: names of several rows, what stands around them, and pages without a letterhead."""

import pytest

from models import ReceiptText
from providers.receipt_parser.receipt_rules.mail_heads import without_mail_head
from providers.receipt_parser.receipt_rules.merchants import find_merchant
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed

BELOW = ("Item | 4.50", "TOTAL | 4.50")


def read(*head: str) -> MerchantReading:
    reading = find_merchant(group_rows(printed(*head, *BELOW)))
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (("ORCHID TRUE LUMBER", "& SUPPLY CO.", "2210 RTE 9W"), "ORCHID TRUE LUMBER & SUPPLY CO."),
        (("ORCHID", "WHOLESALE CLUB", "3810 W Empire Pl"), "ORCHID WHOLESALE CLUB"),
        (("Panadería y Bizcochería", "El Trigal"), "Panadería y Bizcochería El Trigal"),
        (("Orchid Bakery", "Fern Deli"), "Orchid Bakery"),
        (("Orchid & Quill Booksellers", "Union Ave 12"), "Orchid & Quill Booksellers"),
        (("Page & Quill Booksellers", "Union Ave 12"), "Page & Quill Booksellers"),
        (("Orchidées Rouvière & Fils", "SAS au capital de 40 000 €"), "Orchidées Rouvière & Fils"),
    ],
)
def test_a_name_goes_on_in_the_next_row(head: tuple[str, ...], name: str) -> None:
    assert (read(*head).name, read(*head).doubt) == (name, None)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (("Saffron Orchid", "Modern Indian Dining", "12 Elm Rd"), "Saffron Orchid"),
        (("Modern Indian Dining", "12 Elm Rd"), "Modern Indian Dining"),
        (("Hartley's", "FRESH SINCE 1921"), "Hartley's"),
        (("Orchid Bakery since 1921", "12 Elm Rd"), "Orchid Bakery since 1921"),
        (("Bienvenue", "Café Orchidée inc.", "455, rue Principale"), "Café Orchidée inc"),
        (("Hi Wendell,", "Orchid Paper Shop"), "Orchid Paper Shop"),
        (("Hi Sushi", "12 Elm Rd"), "Hi Sushi"),
        (("ALLER | RETOUR", "Orchidée Voyages"), "Orchidée Voyages"),
        (("Your refund from Orchid & Thatch", "Refund issued"), "Orchid & Thatch"),
        (("Sold By : | Billing Address :", "Orchid Private Limited | Rohan Fern"), "Orchid"),
    ],
)
def test_what_is_said_around_a_name_is_none(head: tuple[str, ...], name: str) -> None:
    assert read(*head).name.startswith(name)


@pytest.mark.parametrize(
    "heading",
    [
        "Terms and conditions",
        "AGB",
        "Conditions générales de vente",
        "Privacy policy",
        "Page 1 of 9",
    ],
)
def test_a_heading_of_a_page_is_no_name(heading: str) -> None:
    assert read(heading, "Orchid Paper Shop").name == "Orchid Paper Shop"


def pages(*each: tuple[str, ...]) -> ReceiptText:
    texts = [printed(*rows) for rows in each]
    lines = (
        line.model_copy(update={"page": number})
        for number, text in enumerate(texts)
        for line in text.lines
    )
    return texts[0].model_copy(update={"lines": tuple(lines)})


def test_the_merchant_is_on_the_page_with_the_money_or_the_letterhead() -> None:
    contract = ("What we agree", "Work is done as ordered", "and as described there")
    invoice = ("Orchid Electrical", "16 Bridge St", *BELOW)
    found = find_merchant(group_rows(pages(contract, invoice)))
    assert found is not None
    assert (found.name, found.page, found.doubt) == ("Orchid Electrical", 1, None)

    letter = ("Orchid Hotel Ltd", "12 Elm Road, London N1 9AB", "Your stay")
    found = find_merchant(group_rows(pages(letter, ("Room Service", *BELOW))))
    assert found is not None
    assert (found.name, found.page) == ("Orchid Hotel Ltd", 0)


def test_a_doubtful_name_is_likely_only_above_the_name_of_its_company() -> None:
    assert read("Fern Hill", "Orchid Ltd").is_likely
    above = read("Zafferelli", "Orchid Kitchen")
    assert (above.is_likely, above.doubt is None) == (False, False)


def test_a_name_above_that_was_hardly_read_is_no_rival_and_a_name_has_a_beginning() -> None:
    text = printed("Staff lund", "& BEST RESTAURANT", "(001610235-P)", *BELOW)
    scribbled = (text.lines[0].model_copy(update={"confidence": 0.6}), *text.lines[1:])
    found = find_merchant(group_rows(text.model_copy(update={"lines": scribbled})))
    assert found is not None
    assert (found.name, found.doubt is None) == ("& BEST RESTAURANT", False)


def test_a_mail_whose_subject_is_a_heading_has_a_head() -> None:
    mail = ("Fwd: paddle", "From: Noor Fern <noor@club.test>", "To: books@club.test")
    rows = group_rows(printed(*mail, "Date: Wed, 5 Aug 2026", "Orchid Outfitters", *BELOW))
    assert next(row.text for row in without_mail_head(rows)) == "Orchid Outfitters"
    shipped = ("Orchid Cargo", "From: Lagos", "To: Accra", "Date: 5 Aug 2026")
    rows = group_rows(printed(*shipped, *BELOW))
    assert without_mail_head(rows) == rows
