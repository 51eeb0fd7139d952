"""PDF files: mailed ones with a text layer, scanned ones, and malicious ones."""

import threading

import numpy as np
import pytest
from PIL import Image

from providers.errors import ImageTooLarge, NotAnImage
from providers.files.pdf_pages import (
    PdfLimits,
    check_pdf,
    is_pdf,
    page_pictures,
    read_pages,
    text_layers,
)
from tests.support.pdf_files import printed_pdf, scanned_pdf

LIMITS = PdfLimits(max_pages=3, max_pixels=1_000_000)
ROWS = [("CORNER BAKERY LTD", ""), ("Date: 14/03/2024", ""), ("TOTAL EUR", "10.50")]


def test_words_of_a_text_layer_have_their_place_on_the_picture() -> None:
    (layer,) = text_layers(printed_pdf(ROWS), LIMITS)
    assert layer is not None
    assert [line.text for line in layer.lines] == [word for row in ROWS for word in row if word]
    (picture,) = page_pictures(printed_pdf(ROWS), LIMITS, 3000)
    assert (picture.width, picture.height) == (layer.width, layer.height) == (833, 1111)
    for line in layer.lines:
        left, top, right, bottom = line.box
        ink = picture.pixels[top:bottom, left:right] < 128
        assert ink.any(), line
    outside = picture.pixels.copy()
    for line in layer.lines:
        left, top, right, bottom = line.box
        outside[top - 2 : bottom + 2, left - 2 : right + 2] = 255
    assert outside.min() > 128


def test_one_page_is_looked_at_alone() -> None:
    data = printed_pdf(ROWS, [("Another page, of other words", "")])
    assert check_pdf(data, LIMITS) == 2
    assert text_layers(data, LIMITS, only=1) == text_layers(data, LIMITS)[1:]
    (alone,) = page_pictures(data, LIMITS, 300, only=1)
    assert (alone.pixels == page_pictures(data, LIMITS, 300)[1].pixels).all()


def test_a_picture_is_shrunk_and_its_size_is_kept() -> None:
    (picture,) = page_pictures(printed_pdf(ROWS), LIMITS, 300)
    assert (picture.width, picture.height) == (833, 1111)
    assert max(picture.pixels.shape) in (300, 301)


@pytest.mark.parametrize(
    "data",
    [
        printed_pdf([("Page 1", "")]),
        printed_pdf([("\x01\x02\x03\x04" * 10, "")]),
        printed_pdf(ROWS, rotate=90),
        scanned_pdf(Image.new("RGB", (300, 400), "white")),
    ],
    ids=["a stamp", "letters without a table", "a page that lies", "a scan"],
)
def test_an_unusable_text_layer_is_left_to_ocr(data: bytes) -> None:
    assert text_layers(data, LIMITS) == [None]


def test_a_stamp_over_a_scan_does_not_hide_it() -> None:
    grey = "q 300 0 0 400 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q"
    assert text_layers(printed_pdf(ROWS, extra=grey), LIMITS) == [None]


def _letters(text: str, x: float, y: int) -> str:
    """Draw letter by letter, each at its own place; Courier's are 7.2 points wide."""
    return " ".join(
        f"1 0 0 1 {x + 7.2 * number} {y} Tm ({letter}) Tj"
        for number, letter in enumerate(text)
        if letter != " "
    )


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        (f"BT /F1 12 Tf {_letters('Corner Bakery 12', 30, 200)} ET", "Corner Bakery 12"),
        ("BT /F1 12 Tf 1 0 0 1 30 200 Tm ($1) Tj 1 0 0 1 44.4 200 Tm (10.00) Tj ET", "$110.00"),
        ("BT /F1 12 Tf 30 200 Td (TOTAL) Tj 0.4 0 Td (TOTAL) Tj ET", "TOTAL"),
    ],
    ids=["letter by letter", "runs that touch", "bold because it is drawn twice"],
)
def test_letters_become_words_by_where_they_stand(extra: str, line: str) -> None:
    (layer,) = text_layers(printed_pdf(ROWS, extra=extra), LIMITS)
    assert layer is not None
    assert line in [each.text for each in layer.lines]


@pytest.mark.parametrize(
    "extra",
    [
        "BT /F1 12 Tf 3 Tr 30 200 Td (HIDDEN 99.00) Tj 0 Tr ET",
        "BT 1 g /F1 12 Tf 30 200 Td (HIDDEN 99.00) Tj 0 g ET",
        "BT /F1 1 Tf 30 200 Td (HIDDEN 99.00) Tj ET",
        "BT /F1 12 Tf 30 900 Td (HIDDEN 99.00) Tj ET",
    ],
    ids=["not drawn", "white", "tiny", "off the page"],
)
def test_text_that_nobody_can_see_leaves_the_page_to_ocr(extra: str) -> None:
    assert text_layers(printed_pdf(ROWS, extra=extra), LIMITS) == [None]


def test_a_mail_whose_receipt_is_a_picture_is_left_to_ocr() -> None:
    grey = "q 100 0 0 150 100 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q"
    mail = [("Hi, my receipt is below.", ""), ("Thanks, Noor Abara", "")]
    assert text_layers(printed_pdf(mail, extra=grey), LIMITS) == [None]
    assert text_layers(printed_pdf(mail), LIMITS) != [None]


def test_an_encrypted_file_is_refused_in_a_sentence() -> None:
    with pytest.raises(NotAnImage, match="is encrypted; save it without a password"):
        check_pdf(printed_pdf(ROWS, encrypted=True), LIMITS)


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(ImageTooLarge, match="has 51 pages; at most 50 are allowed"):
        check_pdf(printed_pdf(*[ROWS] * 51), LIMITS)


def test_of_many_pages_the_first_and_the_last_are_read() -> None:
    pages = [[(f"This is page number {number} of them", "")] for number in range(5)]
    layers = text_layers(printed_pdf(*pages), LIMITS)
    assert [layer.lines[0].text[20] for layer in layers if layer] == ["0", "1", "4"]
    assert text_layers(printed_pdf(*pages), LIMITS, only=2) == layers[2:]
    assert read_pages(3, 3) == [0, 1, 2]


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    bomb = scanned_pdf(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    with pytest.raises(ImageTooLarge, match=r"a picture of 20000 x 20000 = 400,000,000 pixels"):
        check_pdf(bomb, LIMITS)


def test_a_page_of_a_kilometre_becomes_a_picture_of_bounded_size() -> None:
    vast = printed_pdf(ROWS).replace(b"[0 0 300 400]", b"[0 0 3e6 4e6]")
    (picture,) = page_pictures(vast, LIMITS, 3000)
    assert max(picture.pixels.shape) <= 3001


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (printed_pdf(ROWS)[:600], "is cut off after 600 bytes"),
        (b"%PDF-1.7\nnothing\n%%EOF", "is damaged and cannot be read"),
        (printed_pdf(), "is damaged and cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    assert is_pdf(data)
    with pytest.raises(NotAnImage, match=message):
        check_pdf(data, LIMITS)


def test_damage_anywhere_is_clearly_refused_or_harmless() -> None:
    random = np.random.default_rng(3)
    whole = printed_pdf(ROWS)
    for _ in range(150):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 5):
            damaged[place] = random.integers(0, 256)
        try:
            check_pdf(bytes(damaged), LIMITS)
            text_layers(bytes(damaged), LIMITS)
            page_pictures(bytes(damaged), LIMITS, 100)
        except (NotAnImage, ImageTooLarge) as refusal:
            assert str(refusal)


def test_many_threads_take_turns() -> None:
    read: list[int] = []
    data = printed_pdf(ROWS, ROWS)
    threads = [
        threading.Thread(target=lambda: read.append(len(page_pictures(data, LIMITS, 500))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [2] * 8
