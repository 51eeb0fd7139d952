"""The embedded engine on a receipt drawn here, with its real models; one engine for all tests."""

import io
import threading

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from config import Settings
from models import MAX_LINE_CHARACTERS, MAX_TEXT_LINES, ReceiptText, TextLine
from providers.errors import ImageTooLarge, NotAnImage
from providers.ocr import TextReader
from providers.receipt_parser.receipt_rules import RulesParser
from tests.providers.ocr.conftest import embedded

PRINTED = [
    ("CORNER BAKERY LTD", ""),
    ("12 High Street, Springfield", ""),
    ("Date: 14/03/2024 10:22", ""),
    ("Sourdough loaf", "4.50"),
    ("Cinnamon roll", "3.25"),
    ("Filter coffee", "2.75"),
    ("TOTAL EUR", "10.50"),
    ("CASH", "20.00"),
    ("CHANGE", "9.50"),
    ("Thank you for your visit", ""),
]


def drawn_receipt() -> Image.Image:
    page = Image.new("RGB", (520, 620), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(26)
    for row, (left, right) in enumerate(PRINTED):
        pen.text((30, 30 + 55 * row), left, "black", font)
        if right:
            pen.text((490 - pen.textlength(right, font), 30 + 55 * row), right, "black", font)
    return page


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)  # large pages are packed in a fraction of the time
    return buffer.getvalue()


@pytest.fixture(scope="session")
def upright(reader: TextReader) -> ReceiptText:
    return reader.read(png(drawn_receipt()))


async def expect_the_bakery(text: ReceiptText) -> None:
    fields = await RulesParser(Settings()).parse(text)
    assert (fields.total_cents, fields.currency, str(fields.date)) == (1050, "EUR", "2024-03-14")
    assert fields.merchant == "CORNER BAKERY LTD"
    assert fields.doubts == ()


def words(text: ReceiptText) -> list[str]:
    return sorted(line.text.replace(" ", "") for line in text.lines)


def test_every_printed_word_is_read_where_it_stands(upright: ReceiptText) -> None:
    printed = [part.replace(" ", "") for row in PRINTED for part in row if part]
    assert words(upright) == sorted(printed)
    assert (upright.width, upright.height, upright.rotation) == (520, 620, 0)
    total = next(line for line in upright.lines if line.text == "10.50")
    left, top, right, bottom = total.box
    assert 400 < left < right <= 520
    assert 30 + 55 * 6 - 15 < top < bottom < 30 + 55 * 7
    assert total.confidence > 0.9


def test_a_turned_page_reads_like_an_upright_one(reader: TextReader, upright: ReceiptText) -> None:
    turned = reader.read(png(drawn_receipt().rotate(-90, expand=True)))
    assert turned.rotation == 90
    assert (turned.width, turned.height) == (520, 620)
    assert words(turned) == words(upright)


async def test_a_photo_at_an_angle_keeps_its_rows(reader: TextReader) -> None:
    leaning = reader.read(png(drawn_receipt().rotate(-6, expand=True, fillcolor="grey")))
    assert 4 < leaning.skew_degrees < 8
    await expect_the_bakery(leaning)


async def test_boxes_are_in_pixels_of_a_scan_that_was_shrunk_to_be_read(reader: TextReader) -> None:
    scan = drawn_receipt().resize((2600, 3100))
    text = reader.read(png(scan))
    total = next(line for line in text.lines if line.text == "10.50")
    assert (text.width, text.height) == (2600, 3100)
    assert 5 * 400 < total.box[0] < total.box[2] <= 2600
    await expect_the_bakery(text)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_small_receipt_in_a_large_scan_is_read_in_full(
    reader: TextReader, upright: ReceiptText, degrees: int
) -> None:
    scan = Image.new("RGB", (2000, 2600), "white")
    scan.paste(drawn_receipt(), (1300, 200))
    text = reader.read(png(scan.rotate(-degrees, expand=True)))
    assert words(text) == words(upright)
    assert (text.rotation, text.width, text.height) == (degrees, 2000, 2600)
    total = next(line for line in text.lines if line.text == "10.50")
    left, top, right, bottom = total.box
    assert 1300 + 400 < left < right <= 1300 + 520
    assert 200 + 30 + 55 * 6 - 15 < top < bottom < 200 + 30 + 55 * 7


def test_a_page_without_text_gives_no_lines(reader: TextReader) -> None:
    text = reader.read(png(Image.new("RGB", (300, 400), "white")))
    assert text.lines == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3), (40, 40)])
def test_a_page_of_any_shape_is_read(reader: TextReader, size: tuple[int, int]) -> None:
    text = reader.read(png(Image.new("RGB", size, "white")))
    assert (text.width, text.height) == size


def test_bad_files_and_too_large_ones_are_refused(reader: TextReader) -> None:
    with pytest.raises(NotAnImage):
        reader.read(b"no image")
    strict = embedded(Settings(receipt_max_pixels=1000))
    with pytest.raises(ImageTooLarge):
        strict.read(png(drawn_receipt()))


def test_a_page_with_too_many_lines_keeps_the_most_confident(
    reader: TextReader, upright: ReceiptText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.ocr.rapid_ocr.MAX_TEXT_LINES", 5)
    kept = reader.read(png(drawn_receipt())).lines
    assert len(kept) == 5
    sure = sorted((line.confidence for line in upright.lines), reverse=True)
    assert min(line.confidence for line in kept) >= sure[5]
    assert [line for line in upright.lines if line in kept] == list(kept)


def test_the_longest_text_stays_far_below_the_payload_limit() -> None:
    line = TextLine(text="\u20ac" * MAX_LINE_CHARACTERS, box=(9999,) * 4, confidence=0.999)
    text = ReceiptText(lines=(line,) * MAX_TEXT_LINES, width=9999, height=9999, engine="rapidocr")
    assert len(text.model_dump_json().encode()) < 2 * 1024 * 1024 / 4


def test_two_readings_take_turns_and_other_threads_keep_running(
    reader: TextReader, upright: ReceiptText
) -> None:
    image = png(drawn_receipt())
    readings: list[ReceiptText] = []
    threads = [
        threading.Thread(target=lambda: readings.append(reader.read(image))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    turns_of_others = 0
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(0.001)
        turns_of_others += 1
    assert [words(reading) for reading in readings] == [words(upright)] * 2
    # If inference held the GIL, there would be only a turn or two between the lines.
    assert turns_of_others > 60


def test_reading_prints_and_logs_nothing(
    reader: TextReader, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    reader.read(png(Image.fromarray(np.full((200, 200, 3), 255, dtype=np.uint8))))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
