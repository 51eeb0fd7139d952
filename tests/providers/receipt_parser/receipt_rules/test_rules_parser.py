import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import Settings
from models import ReceiptFields, ReceiptText, TextLine
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed


async def read(*rows: str, config: Settings | None = None) -> ReceiptFields:
    return await RulesParser(config or Settings()).parse(printed(*rows))


ROWS = (
    *("ORCHID TRADING SDN BHD", "12, JALAN BUNGA", "Date: 14/03/2024 | 10:22"),
    *("Tea | 4.50", "TOTAL RM | 4.50", "CASH | 10.00", "CHANGE | 5.50"),
    "GST 6% included | 0.25",
)


async def test_a_clear_receipt_gives_every_field_without_a_doubt() -> None:
    fields = await read(*ROWS)
    assert fields.merchant == "ORCHID TRADING SDN BHD"
    assert fields.total_cents == 450
    assert fields.currency == "MYR"
    assert fields.date == dt.date(2024, 3, 14)
    assert fields.tax_cents == 25
    assert fields.parser == "rules"
    assert fields.doubts == ()
    assert set(fields.readings) == {"merchant", "total", "date", "currency", "tax"}
    assert all(0.5 < reading.confidence <= 1 for reading in fields.readings.values())
    assert all(fields.readings[name].box for name in ("merchant", "total", "date", "tax"))


async def test_what_is_missing_is_a_doubt_in_words() -> None:
    fields = await read("-", "TOTAL | 4.50", "CASH | 10.00", "CHANGE | 5.50")
    assert (fields.total_cents, fields.merchant, fields.currency, fields.date) == (
        450,
        None,
        None,
        None,
    )
    assert set(fields.doubts) == {
        "no merchant was found",
        "no date was found",
        "no currency was found",
    }


async def test_without_a_total_the_rest_is_handed_on() -> None:
    with pytest.raises(TotalNotFound) as missing:
        await read(*ROWS[:3], "Thank you")
    partial = missing.value.partial
    assert partial is not None
    assert partial.total_cents is None
    assert partial.merchant == "ORCHID TRADING SDN BHD"
    assert partial.date == dt.date(2024, 3, 14)
    assert "no total was found" in partial.doubts


async def test_an_empty_page_has_no_total() -> None:
    with pytest.raises(TotalNotFound):
        await read("")


@pytest.mark.parametrize(
    ("money", "order", "date", "doubtful"),
    [
        ("RM", None, "2024-04-03", False),
        ("USD", None, "2024-03-04", False),
        ("CAD", None, "2024-04-03", True),
        ("CAD", "month-first", "2024-03-04", False),
        ("RM", "month-first", "2024-04-03", False),
    ],
)
async def test_the_setting_orders_dates_only_where_the_country_does_not(
    money: str, order: str | None, date: str, doubtful: bool
) -> None:
    config = Settings.model_validate({"default_date_order": order})
    rows = ("CORNER CAFE", "03/04/2024", "Tea | 4.50", f"TOTAL {money} | 4.50", "CASH | 4.50")
    fields = await read(*rows, config=config)
    assert str(fields.date) == date
    assert bool(fields.doubts) == doubtful


async def test_a_currency_that_is_not_printed_is_the_setting_s() -> None:
    config = Settings(default_currency="NZD")
    fields = await read("CORNER CAFE", "14/03/2024", "TOTAL | 4.50", "CASH | 4.50", config=config)
    assert (fields.currency, fields.doubts) == ("NZD", ())


boxes = st.tuples(*[st.integers(0, 3000)] * 4)
words = st.text(max_size=30) | st.sampled_from(
    [
        "TOTAL",
        "CASH",
        "CHANGE",
        "4.50",
        "1.234,56",
        "99/99/9999",
        "RM",
        "SDN BHD",
        "GST 6%",
        "-0.00",
    ]
)
lines = st.builds(
    TextLine, text=words, box=boxes, confidence=st.floats(0, 1), page=st.integers(0, 2)
)


@settings(deadline=None)
@given(st.lists(lines, max_size=12), st.floats(-20, 20))
async def test_any_text_has_a_result_or_no_total(found: list[TextLine], skew: float) -> None:
    text = ReceiptText(
        lines=tuple(found), width=3000, height=3000, skew_degrees=skew, engine="test"
    )
    try:
        fields = await RulesParser(Settings()).parse(text)
    except TotalNotFound as missing:
        assert missing.partial is not None
        fields = missing.partial
    else:
        assert fields.total_cents is not None
        assert fields.total_cents > 0
    assert ReceiptFields.model_validate_json(fields.model_dump_json()) == fields


async def test_a_mail_that_forwards_a_receipt_is_no_merchant_and_has_no_say_on_the_day() -> None:
    mail = ("From: noor@example.test", "Subject: my receipt", "Date: 5 Mar 2024")
    receipt = ("Harbour Deli Ltd", "2024-03-02 19:48", "Tea | \u00a34.50", "Total | \u00a34.50")
    fields = await RulesParser(Settings()).parse(printed(*mail, *receipt))
    assert (fields.merchant, str(fields.date)) == ("Harbour Deli Ltd", "2024-03-02")


async def test_a_picture_that_is_hard_to_read_is_a_doubt() -> None:
    clear = printed(*ROWS)
    worn = tuple(line.model_copy(update={"confidence": 0.8}) for line in clear.lines)
    fields = await RulesParser(Settings()).parse(clear.model_copy(update={"lines": worn}))
    assert fields.total_cents == 450
    assert "the picture is hard to read" in fields.doubts


async def test_a_doubtful_merchant_does_not_stop_an_expense_whose_money_is_proven() -> None:
    rows = ("Fern Hill", "Orchid Ltd", "2024-03-14 10:00")
    fields = await read(*rows, "Tea | \u00a34.50", "TOTAL | \u00a34.50", "VISA | 4.50")
    assert (fields.merchant, fields.unconfirmed, fields.doubts) == ("Fern Hill", "merchant", ())

    unproven = await read(*rows, "TOTAL | \u00a34.50")
    assert unproven.unconfirmed is None
    assert "Fern Hill may not be the merchant" in unproven.doubts


async def test_a_name_far_down_is_rather_something_else_and_stops_it() -> None:
    rows = ("A1", "B2", "C3", "D4", "E5", "F6", "Orchid Market", "2024-03-14 10:00")
    fields = await read(*rows, "Tea | \u00a34.50", "TOTAL | \u00a34.50", "VISA | 4.50")
    assert (fields.unconfirmed, fields.doubts) == (None, ("Orchid Market may not be the merchant",))
