"""The vision parser over real HTTP, against a server that records its requests."""

import base64
import datetime as dt
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from config import Settings
from models import ReceiptText, TextPage
from providers.errors import LanguageModelRefused, ObjectMissing
from providers.receipt_parser import ReceiptParser
from tests.providers.receipt_parser.test_openai_parser import Fake, answering, completion
from tests.support.pdf_files import printed_pdf
from tests.support.printed_receipts import printed

GOOD = {"merchant": "Cafe Luna", "total": "12.30", "currency": "EUR", "date": "2026-02-28"}
KEY = "receipts/1.jpg"


class Store:
    """An object store with one file."""

    def __init__(self, file: bytes) -> None:
        self._file = file

    def put_receipt(self, data: bytes) -> str:
        raise AssertionError(f"nobody stores {len(data)} bytes here")

    def get(self, object_key: str) -> bytes:
        assert object_key == KEY
        return self._file


def photo(width: int = 90, height: int = 60) -> bytes:
    """Return a picture whose left side is black."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("black", (0, 0, width // 3, height))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def text(**changes: object) -> ReceiptText:
    read = printed("CAFE LUNA", "28.02.2026", "TOTAL EUR | 12.30")
    return read.model_copy(update={"object_key": KEY, **changes})


@asynccontextmanager
async def parser_at(fake: Fake, file: bytes) -> AsyncIterator[ReceiptParser]:
    # Imported here: every process of the suite collects this file, and this takes a second.
    from providers.receipt_parser.vision import VisionParser

    app = web.Application(client_max_size=20_000_000)
    app.router.add_post("/v1/chat/completions", fake.complete)
    async with TestServer(app) as server:
        settings = Settings.model_validate(
            {"openai_base_url": str(server.make_url("/v1")), "openai_model": "eyes-1"}
        )
        parser = VisionParser(settings, Store(file))
        yield parser
        await parser.close()


def says(**changes: str | None) -> Fake:
    return Fake(answering(completion(json.dumps(GOOD | changes))))


def pictures_in(fake: Fake) -> list[Image.Image]:
    """Return the pictures that the model got."""
    (request,) = fake.requests
    assert request["response_format"]["json_schema"]["strict"] is True
    parts = request["messages"][1]["content"]
    urls = [part["image_url"]["url"] for part in parts]
    assert all(url.startswith("data:image/jpeg;base64,") for url in urls)
    return [Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) for url in urls]


async def test_the_model_sees_the_picture_and_what_it_says_becomes_the_fields() -> None:
    fake = says()
    async with parser_at(fake, photo()) as parser:
        fields = await parser.parse(text())

    (picture,) = pictures_in(fake)
    assert (picture.format, picture.size) == ("JPEG", (90, 60))
    assert (fields.merchant, fields.total_cents) == ("Cafe Luna", 1230)
    assert (fields.date, fields.currency) == (dt.date(2026, 2, 28), "EUR")
    assert (fields.parser, fields.doubts) == ("vision:eyes-1", ())


async def test_a_picture_is_turned_as_it_was_to_be_read() -> None:
    fake = says()
    async with parser_at(fake, photo()) as parser:
        await parser.parse(text(rotation=90))

    (picture,) = pictures_in(fake)
    assert picture.size == (60, 90)
    grey = picture.convert("L")
    assert (grey.getpixel((30, 85)), grey.getpixel((30, 5))) == (0, 255), "left is now below"


async def test_every_page_is_shown_and_none_larger_than_a_model_takes() -> None:
    fake = says()
    page = TextPage(width=833, height=1111)
    async with parser_at(fake, printed_pdf([("Page 1", "")], [("Page 2", "")])) as parser:
        await parser.parse(text(pages=(page, page)))
    assert len(pictures_in(fake)) == 2

    large = says()
    async with parser_at(large, photo(4200, 5000)) as parser:
        await parser.parse(text())
    assert max(pictures_in(large)[0].size) == 2000


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ({"total": "13.30"}, "the total 13.30 does not occur on the receipt"),
        ({"date": "2026-02-27"}, "the date 2026-02-27 does not occur on the receipt"),
    ],
)
async def test_what_only_the_model_sees_is_a_doubt(said: dict[str, str], doubt: str) -> None:
    async with parser_at(says(**said), photo()) as parser:
        assert (await parser.parse(text())).doubts == (doubt,)


async def test_a_text_without_its_picture_is_object_missing() -> None:
    fake = says()
    async with parser_at(fake, photo()) as parser:
        with pytest.raises(ObjectMissing, match="has no object_key"):
            await parser.parse(text(object_key=None))
    assert fake.requests == []


async def test_a_refusal_is_language_model_refused() -> None:
    refusing = Fake(answering(completion(None, refusal="I do not look at people")))
    async with parser_at(refusing, photo()) as parser:
        with pytest.raises(LanguageModelRefused, match="eyes-1"):
            await parser.parse(text())
