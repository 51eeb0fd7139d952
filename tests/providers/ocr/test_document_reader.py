"""Every kind of submitted file, through the embedded engine and the rules parser."""

import io
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageDraw, ImageFont

from config import Settings
from models import ReceiptText, TextLine, TextPage
from providers.errors import ImageTooLarge, NotAnImage
from providers.files.documents import check_receipt, count_pages
from providers.files.images import decode_image
from providers.ocr import TextReader
from providers.ocr.document_reader import DocumentReader
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.pdf_files import printed_pdf, scanned_pdf

pillow_heif.register_heif_opener()

SHOP = [("CORNER BAKERY LTD", ""), ("12 High Street, Springfield", ""), ("Date: 14/03/2024", "")]
ITEMS = [("Sourdough loaf", "4.50"), ("Cinnamon roll", "3.25"), ("Filter coffee", "2.75")]
TOTAL = [("TOTAL EUR", "10.50"), ("CASH", "20.00"), ("CHANGE", "9.50")]


def drawn(*rows: tuple[str, str]) -> Image.Image:
    page = Image.new("RGB", (520, 100 + 55 * len(rows)), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(26)
    for number, (left, right) in enumerate(rows):
        pen.text((30, 30 + 55 * number), left, "black", font)
        if right:
            pen.text((490 - pen.textlength(right, font), 30 + 55 * number), right, "black", font)
    return page


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="module")
def documents(reader: TextReader, settings: Settings) -> DocumentReader:
    return DocumentReader(reader, settings)


def photographed_sideways(picture: Image.Image) -> bytes:
    """Return a photo with turned pixels, and the EXIF orientation that says so."""
    exif = Image.Exif()
    exif[274] = 6
    return encoded(picture.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


RECEIPT = drawn(*SHOP, *ITEMS, *TOTAL)
# Made by the test alone, because every process of the suite collects this file.
FILES: dict[str, Callable[[], bytes]] = {
    "JPEG, turned by EXIF": lambda: photographed_sideways(RECEIPT),
    "WebP": lambda: encoded(RECEIPT, "WEBP"),
    "HEIC": lambda: encoded(RECEIPT, "HEIF", enc_params={"preset": "ultrafast"}),
    "PDF of letters": lambda: printed_pdf([*SHOP, *ITEMS, *TOTAL]),
    "PDF of a scan": lambda: scanned_pdf(RECEIPT),
}


@pytest.mark.parametrize("kind", FILES)
async def test_every_format_of_a_receipt_reads_the_same(
    documents: DocumentReader, settings: Settings, kind: str
) -> None:
    file = FILES[kind]()
    check_receipt(file, settings)

    fields = await RulesParser(settings).parse(documents.read(file))

    assert (fields.total_cents, fields.currency, str(fields.date)) == (1050, "EUR", "2024-03-14")
    assert (fields.merchant or "").upper() == "CORNER BAKERY LTD"
    assert fields.doubts == ()


def test_formats_that_lose_nothing_are_the_same_picture(settings: Settings) -> None:
    forms: dict[str, dict[str, object]] = {
        "PNG": {},
        "TIFF": {"compression": "tiff_lzw"},
        "WEBP": {"lossless": True},
    }
    for form, options in forms.items():
        data = encoded(RECEIPT, form, **options)
        check_receipt(data, settings)
        pixels = decode_image(data, settings.receipt_max_pixels, 1000).pixels
        assert (pixels == np.asarray(RECEIPT)).all(), form


COUNTRIES = {
    "German, 1.234,56": (
        [
            *[("BÄCKEREI LINDE GMBH", ""), ("Datum: 04.03.2024", "")],
            *[("Kaffeemaschine", "1.230,06"), ("Brötchen", "4,50")],
            *[("Summe EUR", "1.234,56"), ("Bar", "1.300,00"), ("Rückgeld", "65,44")],
        ],
        (123456, "EUR"),
    ),
    "dollars, month first": (
        [
            *[("CORNER DELI INC", ""), ("03/04/2024 10:22 AM", ""), ("Bagel", "$ 4.50")],
            *[("Subtotal", "$ 4.50"), ("Sales tax", "$ 0.40"), ("Total", "$ 4.90")],
        ],
        (490, "USD"),
    ),
    "two languages, day first": (
        [
            *[("KEDAI BUNGA SDN BHD", ""), ("Tarikh: 04/03/2024", ""), ("Teh", "4.50")],
            *[("JUMLAH TOTAL RM", "4.50"), ("TUNAI CASH", "10.00"), ("BAKI CHANGE", "5.50")],
        ],
        (450, "MYR"),
    ),
}


@pytest.mark.parametrize("country", COUNTRIES)
async def test_receipts_of_several_countries(
    documents: DocumentReader, settings: Settings, country: str
) -> None:
    rows, total = COUNTRIES[country]

    fields = await RulesParser(settings).parse(documents.read(encoded(drawn(*rows), "PNG")))

    assert (fields.total_cents, fields.currency) == total
    assert str(fields.date) == "2024-03-04"
    assert fields.doubts == ()


async def test_a_receipt_may_continue_over_the_pages_of_a_scan(
    documents: DocumentReader, settings: Settings
) -> None:
    text = documents.read(scanned_pdf(drawn(*SHOP, *ITEMS), drawn(*TOTAL).rotate(90, expand=True)))

    fields = await RulesParser(settings).parse(text)
    assert (fields.merchant, fields.total_cents) == ("CORNER BAKERY LTD", 1050)
    assert fields.readings["merchant"].page == 0
    assert fields.readings["total"].page == 1
    assert [page.rotation for page in text.pages] == [0, 270]
    assert (text.pages[1].width, text.pages[1].height) == pytest.approx((693, 353), abs=5)


def test_text_pages_and_scanned_pages_become_one_text_and_read_alone_as_they_do_in_it(
    documents: DocumentReader, settings: Settings
) -> None:
    document = printed_pdf([*SHOP, *ITEMS], [("Page 2", "")], [*ITEMS, *TOTAL])

    all_pages = documents.read(document)

    assert all_pages.engine == "text layer and rapidocr"
    assert len(all_pages.pages) == 3
    assert {line.page for line in all_pages.lines} == {0, 1, 2}
    pages = range(count_pages(document, settings))
    alone = [documents.read_page(document, page) for page in pages]

    assert [text.engine for text in alone] == ["text layer", "rapidocr", "text layer"]
    assert tuple(line for text in alone for line in text.lines) == all_pages.lines


def test_a_picture_is_a_document_of_one_page(documents: DocumentReader, settings: Settings) -> None:
    picture = encoded(drawn(*TOTAL), "PNG")

    assert count_pages(picture, settings) == 1
    assert documents.read_page(picture, 0) == documents.read(picture)


class EmptyPages:
    """A ``TextReader`` that finds no text on any picture."""

    def read(self, image: bytes) -> ReceiptText:
        width, height = Image.open(io.BytesIO(image)).size
        return ReceiptText(lines=(), width=width, height=height, engine="empty")


def test_the_beginning_and_the_end_of_a_long_document_are_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.ocr.document_reader.MAX_TEXT_LINES", 4)
    document = printed_pdf([*SHOP, *ITEMS], [*ITEMS, *TOTAL])

    text = DocumentReader(EmptyPages(), settings).read(document)

    assert [line.text for line in text.lines] == [
        "CORNER BAKERY LTD",
        "12 High Street, Springfield",
        "CHANGE",
        "9.50",
    ]


def test_an_unreadable_page_has_no_lines(settings: Settings) -> None:
    text = DocumentReader(EmptyPages(), settings).read(scanned_pdf(Image.new("L", (300, 600))))

    assert text.lines == ()
    assert text.pages == (TextPage(width=400, height=800),)


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        ({"receipt_max_bytes": 100}, "at most 100 are allowed"),
    ],
)
def test_a_pdf_is_held_to_the_limits(limits: dict[str, int], refusal: str) -> None:
    with pytest.raises(ImageTooLarge, match=refusal):
        check_receipt(printed_pdf(SHOP, ITEMS), Settings.model_validate(limits))


def test_a_file_of_another_format_is_refused_with_the_accepted_ones(settings: Settings) -> None:
    with pytest.raises(NotAnImage, match="AVIF, GIF, JPEG 2000 or PDF file"):
        check_receipt(b"8BPS\0\1", settings)


class CountedPages:
    """An engine that reads what number a page is by its grey."""

    def read(self, image: bytes) -> ReceiptText:
        grey = decode_image(image, 1_000_000, 100).pixels[0, 0, 0]
        line = TextLine(text=f"grey {grey}", box=(0, 0, 10, 10), confidence=1.0)
        return ReceiptText(lines=(line,), width=60, height=40, engine="counting")


def test_each_page_of_a_tiff_is_read(settings: Settings) -> None:
    first, *others = [Image.new("L", (60, 40), 50 * number) for number in range(1, 4)]
    file = encoded(first, "TIFF", save_all=True, append_images=others)
    check_receipt(file, settings)
    reader = DocumentReader(CountedPages(), settings)
    text = reader.read(file)
    assert [(line.text, line.page) for line in text.lines] == [
        *(("grey 50", 0), ("grey 100", 1), ("grey 150", 2)),
    ]
    assert len(text.pages) == count_pages(file, settings) == 3
    assert reader.read_page(file, 2).lines[0].text == "grey 150"
