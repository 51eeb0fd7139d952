"""Samples: the committed files are what the script draws, and what their names say."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config import Settings
from models import Order, ReceiptText
from providers.errors import TotalNotFound
from providers.ocr import TextReader
from providers.receipt_parser.receipt_rules.parser import RulesParser
from sandbox.samples import ORDERS, RECEIPTS
from sandbox.samples.draw_receipts import draw
from sandbox.samples.sample_receipts import PHOTOS, Photo
from workflows.search_attributes import needs_approval

READABLE = {
    "grocery": ("Holloway Garden Market", dt.date(2026, 3, 14), 3085, "USD"),
    "baeckerei-angle": ("Backhaus Lindenquell", dt.date(2026, 2, 7), 1820, "EUR"),
    "hardware-cash": ("BRACKENRIDGE HARDWARE", dt.date(2026, 1, 19), 3349, "USD"),
    "pub-pounds": ("THE COPPER HERON", dt.date(2026, 4, 18), 6300, "GBP"),
}
UNREADABLE = "cafe-coffee-stain"


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.name)
def test_the_script_draws_what_is_committed(photo: Photo) -> None:
    path = RECEIPTS / f"{photo.name}.jpg"
    committed = Image.open(path)
    drawn = draw(photo)

    assert drawn.size == committed.size
    difference = np.asarray(drawn, dtype=float) - np.asarray(committed, dtype=float)
    # JPEG loses noise, but nothing visible.
    assert np.abs(difference).mean() < 5
    assert path.stat().st_size < 300_000


def test_nothing_else_is_among_the_samples() -> None:
    assert {path.stem for path in RECEIPTS.iterdir()} == {photo.name for photo in PHOTOS}


@pytest.fixture(scope="module")
def reader() -> TextReader:
    # Imported here: every process of the suite collects this file, and this takes a second.
    from providers.ocr.rapid_ocr import RapidOcrReader

    return RapidOcrReader(Settings())


def text_of(reader: TextReader, name: str) -> ReceiptText:
    return reader.read((RECEIPTS / f"{name}.jpg").read_bytes())


@pytest.mark.parametrize("name", READABLE)
async def test_a_readable_sample_is_read_without_doubt(reader: TextReader, name: str) -> None:
    fields = await RulesParser(Settings()).parse(text_of(reader, name))

    read = (fields.merchant, fields.date, fields.total_cents, fields.currency)
    assert read == READABLE[name]
    assert fields.doubts == ()


async def test_the_stained_total_is_not_guessed(reader: TextReader) -> None:
    with pytest.raises(TotalNotFound) as caught:
        await RulesParser(Settings()).parse(text_of(reader, UNREADABLE))

    assert caught.value.partial
    assert caught.value.partial.merchant == "KETTLE & QUILL CAFE"
    assert caught.value.partial.date == dt.date(2026, 5, 22)


@pytest.mark.parametrize("path", sorted(ORDERS.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_order_is_valid(path: Path) -> None:
    order = Order.model_validate_json(path.read_text())

    assert needs_approval(order) == (path.stem == "large")
