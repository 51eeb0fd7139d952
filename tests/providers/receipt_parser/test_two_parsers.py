"""A second opinion: values that both parsers read need no review, other values do."""

import datetime as dt
from collections.abc import Sequence

import pytest

from config import Settings
from models import LineItem, PaymentMethod, ReceiptFields, ReceiptText
from providers.errors import ProviderUnavailable, TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.two_parsers import TwoParsers
from tests.support.printed_receipts import printed

TEXT = printed("CAFE LUNA", "28.02.2026", "TOTAL EUR | 12.30")
READ = ReceiptFields(
    merchant="CAFE LUNA",
    total_cents=1230,
    currency="EUR",
    date=dt.date(2026, 2, 28),
    parser="first",
)


class Saying:
    """A parser that returns or raises a given answer."""

    def __init__(self, answer: ReceiptFields | Exception, is_metered: bool = False) -> None:
        self._answer = answer
        self.is_metered = is_metered

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        assert text == TEXT
        self.known_merchants = known_merchants
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def second(**changes: object) -> ReceiptFields:
    return READ.model_copy(update={"parser": "second", **changes})


async def both(first: ReceiptFields | Exception, other: ReceiptFields | Exception) -> ReceiptFields:
    return await TwoParsers(Saying(first), Saying(other)).parse(TEXT)


@pytest.mark.parametrize("metered", [(True, False), (False, True), (False, False)])
def test_two_cost_money_if_one_does(metered: tuple[bool, bool]) -> None:
    two = TwoParsers(*(Saying(READ, is_metered) for is_metered in metered))
    assert two.is_metered is any(metered)


async def test_two_that_agree_leave_no_doubt() -> None:
    fields = await both(READ, second(merchant="Café Luna"))

    assert fields.doubts == ()
    assert fields.parser == "first and second"
    assert (fields.total_cents, fields.merchant) == (1230, "CAFE LUNA")


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"total_cents": 1320}, "first read the total 12.30, second 13.20"),
        (
            {"date": dt.date(2026, 2, 23)},
            "first read the date 2026-02-28, second 2026-02-23",
        ),
        ({"date": None}, "first read the date 2026-02-28, second not at all"),
        ({"currency": "USD"}, "first read the currency EUR, second USD"),
        ({"merchant": "Orchid"}, "first read the merchant CAFE LUNA, second Orchid"),
    ],
)
async def test_a_disagreement_is_a_doubt_and_a_choice(
    changes: dict[str, object], doubt: str
) -> None:
    fields = await both(READ.model_copy(update={"doubts": ("its own",)}), second(**changes))

    assert fields.doubts == ("its own", doubt)
    (name,) = (name.removesuffix("_cents") for name in changes)
    said = doubt.split("second ")[1]
    assert (said in fields.candidates[name]) is (said != "not at all")


async def test_what_neither_reads_is_no_disagreement() -> None:
    nothing = {"date": None, "merchant": None}
    fields = await both(READ.model_copy(update=nothing), second(**nothing))
    assert fields.doubts == ()


NOTHING = TotalNotFound("no row shows a total", READ.model_copy(update={"total_cents": None}))


async def test_a_total_that_one_alone_reads_is_a_doubt() -> None:
    for fields, name in (
        (await both(NOTHING, second()), "second"),
        (await both(READ, NOTHING), "first"),
    ):
        assert fields.total_cents == 1230
        assert fields.doubts == (f"only {name} read a total: no row shows a total",)


async def test_a_total_that_neither_reads_is_not_found() -> None:
    with pytest.raises(TotalNotFound) as missing:
        await both(NOTHING, TotalNotFound("nor here"))
    assert missing.value is NOTHING


async def test_a_retryable_error_of_one_parser_is_raised() -> None:
    with pytest.raises(ProviderUnavailable):
        await both(READ, ProviderUnavailable("busy"))


async def test_two_real_parsers_agree() -> None:
    rules = RulesParser(Settings())
    fields = await TwoParsers(rules, rules).parse(TEXT)
    assert not [doubt for doubt in fields.doubts if "rules read" in doubt]
    assert fields.parser == "rules and rules"


async def test_details_that_only_one_read_are_those_of_both() -> None:
    items = (LineItem(description="Flat white", cents=1230),)
    fields = await both(
        READ.model_copy(update={"tip_cents": 100}),
        second(tip_cents=50, payment_method=PaymentMethod.CARD, items=items),
    )
    assert (fields.tip_cents, fields.payment_method, fields.items) == (100, "card", items)
    assert fields.doubts == ()

    other_money = await both(READ, second(total_cents=990, items=items))
    assert other_money.items == ()


async def test_both_parsers_are_told_which_merchants_are_known() -> None:
    one, other = Saying(READ), Saying(second())
    await TwoParsers(one, other).parse(TEXT, ("Cafe Luna",))
    assert one.known_merchants == other.known_merchants == ("Cafe Luna",)
