"""Pages made of made-up values: what is rare, what must be escaped, and what a role sees."""

import datetime as dt
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import Request
from temporalio.common import TypedSearchAttributes

from models import (
    DecisionChannel,
    FieldReading,
    OrderItem,
    Principal,
    ReceiptFields,
    ReceiptText,
    Role,
    TextPage,
)
from service.mails.standing import MailStanding
from service.runs.executions import Execution
from service.runs.pending import Pending
from service.runs.stuck import Backlog, Stuck
from service.waiting import Waiting, WaitingOrder, WaitingReceipt
from tests.support.browser import Page
from web.desk.inbox import inbox_page, seen_by
from web.desk.pages import in_time, sentence_of
from web.desk.pictures import Box, pages_of
from web.desk.receipts import fields_of
from web.desk.signed_in.sessions import Session
from web.desk.signed_in.viewer import Viewer

NOW = dt.datetime.now(dt.UTC)
RUN = Execution(
    "order-9", "run", "OrderWorkflow", "running", NOW, None, TypedSearchAttributes.empty
)
ORDER = WaitingOrder(
    workflow_id="order-7",
    order_id="7",
    total_cents=64_000,
    currency="USD",
    customer_id="<b>cus</b>",
    items=tuple(OrderItem(sku=f"sku-{n}", quantity=n, unit_price_cents=100) for n in range(1, 7)),
    submitted_by=None,
    since=NOW,
    until=NOW + dt.timedelta(hours=3, minutes=50),
)
RECEIPT = WaitingReceipt(
    workflow_id="receipt-ada-1",
    receipt_id="ada-1",
    user_id="ada",
    merchant=None,
    total_cents=None,
    currency=None,
    reason="there is no total",
    since=NOW,
    until=None,
)
MAIL = MailStanding(
    workflow_id="mail-order-7-confirm",
    run_id="run",
    of="order-7",
    step="confirm",
    customer_id="cus",
    status="running",
    reason="mailbox is full",
    attempt=3,
    next_try=None,
    started_at=NOW,
    ended_at=None,
)
ALL = Waiting(
    approvals=[ORDER],
    reviews=[RECEIPT],
    stuck=[Stuck(RUN, [Pending("refund_payment", 12, None, "it was refused", None)])],
    mails=[MAIL],
    backlogs=[Backlog("pipelines", 5, 61.4)],
    more=2,
    silent=True,
)


class Board:
    """What waits, as it was made up."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    async def look(self) -> Waiting:
        return self._waiting


def principal(role: Role, name: str = "olga") -> Principal:
    return Principal(name=name, role=role, channel=DecisionChannel.HTTP)


async def inbox(waiting: Waiting, role: Role) -> Page:
    request = cast("Request", SimpleNamespace(url=SimpleNamespace(path="/desk/"), cookies={}))
    viewer = Viewer(Session.new("a" * 12), principal(role), "token")
    answer = await inbox_page(request, Board(waiting), viewer, [])  # type: ignore[arg-type]
    return Page(answer.status_code, answer.headers, bytes(answer.body), "/desk/")


async def test_an_inbox_with_everything() -> None:
    page = await inbox(ALL, Role.OPERATE)

    assert page.title == "(6) Inbox"
    for words in (
        "6 wait for a person.",
        "640.00 USD order 7",
        "Expires in 3 h if nobody decides",
        "Customer <b>cus</b>: 1 \u00d7 sku-1 at 1.00 USD",
        "and 2 more",
        "Of ada: there is no total",
        "Tries to refund the payment, attempt 12; it failed last: it was refused.",
        "Being tried, attempt 3, last error: mailbox is full",
        "5 tasks wait for a worker of pipelines, the first for 61 s.",
        "No worker answers just now",
        "And 2 more, which come up once these are done.",
    ):
        assert words in page.text
    assert {"/desk/orders/7", "/desk/orders/9", "/desk/receipts/ada-1"} <= set(page.links)
    assert page.form("/mails/again").fields["mail"] == MAIL.workflow_id
    assert b"<b>cus" not in page.body


async def test_an_inbox_with_nothing() -> None:
    page = await inbox(Waiting(), Role.OPERATE)

    assert page.title == "Inbox"
    assert "Nothing waits for a person." in page.text


async def test_whoever_submitted_an_order_gets_no_button_for_it() -> None:
    own = WaitingOrder(**{**vars(ORDER), "submitted_by": "olga"})

    page = await inbox(Waiting(approvals=[own]), Role.OPERATE)

    assert "somebody else has to decide" in page.text
    assert not page.has_form("/approvals")


@pytest.mark.parametrize(
    ("who", "count"),
    [
        (principal(Role.SUBMIT), 0),
        (principal(Role.SUBMIT, "ada"), 1),
        (principal(Role.APPROVE), 1),
        (principal(Role.APPROVE, "ada"), 2),
        (principal(Role.OPERATE), 6),
    ],
)
def test_each_role_sees_its_part(who: Principal, count: int) -> None:
    assert seen_by(ALL, who).count == count


def test_how_long_it_is() -> None:
    spans = {30: "in 30 s", 150: "in 2 min", 9_000: "in 2 h", 260_000: "in 3 days"}
    for seconds, words in spans.items():
        assert in_time(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds + 0.3)) == words
    assert in_time(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)) == "5 min ago"


def test_boxes_stand_on_their_pages() -> None:
    readings = {
        "total": FieldReading(confidence=0.5, box=(10, 20, 40, 30), page=1),
        "date": FieldReading(confidence=0.99, box=(1, 2, 3, 4)),
        "merchant": FieldReading(confidence=0.99),
    }
    fields = ReceiptFields(
        merchant="Cafe",
        total_cents=1230,
        currency="EUR",
        date=dt.date(2026, 3, 4),
        parser="rules",
        readings=readings,
    )
    pages = (TextPage(width=100, height=200), TextPage(width=300, height=400))
    text = ReceiptText(width=100, height=200, lines=(), engine="x", pages=pages)

    first, second = pages_of(text, fields)

    assert (first.width, first.height, second.width) == (100, 200, 300)
    assert [box.field for box in first.boxes] == ["date"]
    assert second.boxes == (Box("total", "total: 12.30", 10, 20, 30, 10),)
    assert [page.boxes for page in pages_of(text, None)] == [(), ()]
    doubtful = {one.name: one.is_doubtful for one in fields_of(fields, {}, {})}
    assert doubtful == {"total": True, "currency": False, "date": False, "merchant": False}
    typed = fields_of(fields, {"total": "a lot"}, {"total": "it must be an amount"})
    assert (typed[0].value, typed[0].wrong) == ("a lot", "it must be an amount")


async def test_a_paused_order_says_when_it_is_charged() -> None:
    paused = WaitingOrder(**{**vars(ORDER), "is_paused": True})

    assert (
        "charged once somebody resumes it"
        in (await inbox(Waiting(approvals=[paused]), Role.APPROVE)).text
    )


@pytest.mark.parametrize(
    ("words", "names", "sentence"),
    [
        ("no order was selected", (), "No order was selected."),
        ("order-live-dec cannot be approved", (), "order-live-dec cannot be approved."),
        ("local paused", ("local",), "local paused."),
        ("what is it?", (), "What is it?"),
    ],
)
def test_an_id_at_the_beginning_stays_as_it_is(
    words: str, names: tuple[str, ...], sentence: str
) -> None:
    assert sentence_of(words, names) == sentence
