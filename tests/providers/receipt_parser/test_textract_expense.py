"""Expense analysis by Textract, against answers in the format that AWS documents."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest

from config import Settings
from models import TextPage
from providers.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    TotalNotFound,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.receipt_parser.textract import TextractExpenseParser
from tests.providers.conftest import Answer
from tests.providers.receipt_parser.test_vision_parser import KEY, Store, photo
from tests.support.pdf_files import printed_pdf
from tests.support.printed_receipts import printed

TEXT = printed(
    *("CAFE LUNA", "03/04/2026", "Flat white | 9.00", "Scone | 3.30", "SUBTOTAL | 11.71"),
    *("SALES TAX | 0.59", "TOTAL $ | 12.30"),
).model_copy(update={"object_key": KEY, "width": 400, "height": 800})

ParserOf = Callable[..., TextractExpenseParser]


def value(text: str, confidence: float = 99.0) -> dict[str, Any]:
    box = {"Left": 0.25, "Top": 0.5, "Width": 0.1, "Height": 0.025}
    return {
        "Text": text,
        "Confidence": confidence,
        "Geometry": {"BoundingBox": box, "Polygon": []},
    }


def field(
    kind: str, text: str, confidence: float = 99.0, currency: str | None = None
) -> dict[str, Any]:
    """Return a summary field, or a field of a line item, in the format of AnalyzeExpense."""
    known = {"Currency": {"Code": currency, "Confidence": 98.0}} if currency else {}
    return {
        "Type": {"Text": kind, "Confidence": 99.9},
        "ValueDetection": value(text, confidence),
        "PageNumber": 1,
        **known,
    }


SUMMARY = (
    field("VENDOR_NAME", "CAFE LUNA"),
    field("INVOICE_RECEIPT_DATE", "03/04/2026"),
    field("SUBTOTAL", "$11.71"),
    field("TAX", "$0.59"),
    field("TOTAL", "$12.30", currency="USD"),
)
ITEMS = (
    (field("ITEM", "Flat white"), field("PRICE", "9.00"), field("EXPENSE_ROW", "Flat white 9.00")),
    (field("ITEM", "Scone"), field("PRICE", "3.30")),
    (field("ITEM", "Thank you"),),
)


def answer(*summary: dict[str, Any], items: Sequence[Sequence[dict[str, Any]]] = ITEMS) -> Answer:
    """Return an answer of AnalyzeExpense."""
    lines = [{"LineItemExpenseFields": list(item)} for item in items]
    document = {
        "ExpenseIndex": 1,
        "SummaryFields": list(summary),
        "LineItemGroups": [{"LineItemGroupIndex": 1, "LineItems": lines}],
    }
    body = {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": [document]}
    return 200, {}, json.dumps(body).encode()


@pytest.fixture
def parser_of(
    answering: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[ParserOf]:
    """Yield a function that makes a parser whose Textract gives one answer."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    made: list[TextractExpenseParser] = []

    def make(answer: Answer, file: bytes | None = None, **chosen: object) -> TextractExpenseParser:
        monkeypatch.setenv("AWS_ENDPOINT_URL_TEXTRACT", answering(answer))
        settings = Settings.model_validate({"aws_region": "eu-west-1", **chosen})
        made.append(TextractExpenseParser(settings, Store(file or photo())))
        return made[-1]

    yield make
    for parser in made:
        parser.close()


async def test_what_textract_found_becomes_the_fields(parser_of: ParserOf) -> None:
    fields = await parser_of(answer(*SUMMARY)).parse(TEXT)

    assert (fields.merchant, fields.total_cents, fields.currency) == ("CAFE LUNA", 1230, "USD")
    assert fields.date == dt.date(2026, 3, 4), "a receipt in dollars has the month first"
    assert (fields.tax_cents, fields.parser, fields.doubts) == (59, "textract", ())
    assert [(item.description, item.cents) for item in fields.items] == [
        ("Flat white", 900),
        ("Scone", 330),
    ]
    total = fields.readings["total"]
    assert (total.confidence, total.box, total.page) == (0.99, (100, 400, 140, 420), 0)


async def test_quantities_that_come_to_the_amount_and_a_tip(parser_of: ParserOf) -> None:
    text = printed(
        *("CAFE LUNA", "03/04/2026", "Flat white 2 x 4.50 | 9.00", "SUBTOTAL | 9.00"),
        *("TIP | 3.30", "TOTAL $ | 12.30", "VISA | 12.30"),
    ).model_copy(update={"object_key": KEY, "width": 400, "height": 800})
    flat_white = (field("ITEM", "Flat white"), field("PRICE", "9.00"), field("QUANTITY", "2"))
    items = (
        (*flat_white, field("UNIT_PRICE", "$4.50")),
        (*flat_white, field("UNIT_PRICE", "$4.05")),
        flat_white,
    )
    summary = (*SUMMARY[:2], SUMMARY[-1], field("GRATUITY", "$3.30"))
    fields = await parser_of(answer(*summary, items=items)).parse(text)

    assert [(one.quantity, one.unit_price_cents) for one in fields.items] == [
        (Decimal(2), 450),
        (None, None),
        (None, None),
    ]
    assert (fields.tip_cents, fields.payment_method, fields.doubts) == (330, "card", ())
    assert set(fields.readings) == {"merchant", "date", "total"}


async def test_a_receipt_in_yen(parser_of: ParserOf) -> None:
    text = printed(
        *("CAFE LUNA", "2026/04/03", "Flat white | \u00a5900", "Tax | \u00a5128"),
        "TOTAL | \u00a51,408",
    ).model_copy(update={"object_key": KEY, "width": 400, "height": 800})
    summary = (
        field("VENDOR_NAME", "CAFE LUNA"),
        field("INVOICE_RECEIPT_DATE", "2026/04/03"),
        field("TAX", "\u00a5128"),
        field("TOTAL", "\u00a51,408", currency="JPY"),
    )
    fields = await parser_of(answer(*summary)).parse(text)

    assert (fields.total_cents, fields.currency, fields.tax_cents) == (1408, "JPY", 128)
    assert fields.doubts == ()


async def test_a_value_that_is_not_in_the_text_is_a_doubt(parser_of: ParserOf) -> None:
    fields = await parser_of(answer(*SUMMARY, field("TOTAL", "$21.30", 99.5))).parse(TEXT)

    assert fields.total_cents == 2130
    assert fields.doubts == ("the total 21.30 does not occur on the receipt",)


async def test_a_tax_that_is_not_in_the_text_is_a_doubt(parser_of: ParserOf) -> None:
    fields = await parser_of(answer(*SUMMARY, field("TAX", "$5.90", 99.5))).parse(TEXT)

    assert fields.doubts == ("the tax 5.90 does not occur on the receipt",)


async def test_an_unsure_total_is_a_doubt(parser_of: ParserOf) -> None:
    unsure = (*SUMMARY[:4], field("TOTAL", "12.30", 61.4))
    fields = await parser_of(answer(*unsure)).parse(TEXT)

    assert fields.doubts == ("Textract is only 61% sure of the total",)
    assert fields.currency == "USD", "as the rules read it"


@pytest.mark.parametrize("total", [(), (field("TOTAL", "see above"),), (field("TOTAL", " "),)])
async def test_no_total_is_not_found_with_the_rest(
    parser_of: ParserOf, total: tuple[dict[str, Any], ...]
) -> None:
    with pytest.raises(TotalNotFound, match="textract read no total") as missing:
        await parser_of(answer(*SUMMARY[:4], *total)).parse(TEXT)

    partial = missing.value.partial
    assert partial is not None
    assert (partial.merchant, partial.tax_cents, len(partial.items)) == ("CAFE LUNA", 59, 2)


async def test_every_page_is_analyzed_and_the_last_one_wins(parser_of: ParserOf) -> None:
    page = TextPage(width=833, height=1111)
    pages = TEXT.model_copy(update={"pages": (page, page)})
    file = printed_pdf([("Page 1", "")], [("Page 2", "")])

    fields = await parser_of(answer(*SUMMARY), file).parse(pages)

    assert fields.readings["total"].page == 1
    assert fields.readings["total"].box == (208, 556, 292, 583)
    assert len(fields.items) == 4


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ThrottlingException", ProviderRateLimited),
        (400, "AccessDeniedException", Unauthorized),
        (500, "InternalServerError", ProviderUnavailable),
    ],
)
async def test_each_failure_is_an_error_of_the_right_kind(
    parser_of: ParserOf, status: int, code: str, kind: type[ProviderError]
) -> None:
    body = json.dumps({"__type": code, "message": "no"}).encode()
    with pytest.raises(ProviderError) as failed:
        await parser_of((status, {}, body)).parse(TEXT)
    assert type(failed.value) is kind


async def test_an_answer_that_lacks_its_values_is_unexpected(parser_of: ParserOf) -> None:
    bare = {"Type": {"Text": "TOTAL"}, "ValueDetection": {"Text": "12.30"}}
    with pytest.raises(UnexpectedAnswer, match="the answer lacks"):
        await parser_of(answer(bare)).parse(TEXT)
