"""People hear of what waits for them: each of them, once, with a link to its page."""

import datetime as dt

import pytest

from config import Settings
from models import Mail, MailReceipt
from providers.errors import BadAddress, ProviderUnavailable
from service.notices import Notices
from service.waiting import Waiting, WaitingOrder, WaitingReceipt

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ORDER = WaitingOrder(
    "order-a b", "a b", 64_000, "USD", "c", (), None, AT, AT + dt.timedelta(days=1)
)
RECEIPT = WaitingReceipt("receipt-u-1", "u-1", "u", None, None, None, "no total", AT, None)
EVERYTHING = Waiting(approvals=[ORDER], reviews=[RECEIPT])
SETTINGS = Settings.model_validate(
    {
        "server_url": "https://desk.example/",
        "notify_approvers": "grace@shop.example, heidi@shop.example",
        "notify_reviewers": "nora@shop.example",
    }
)


class Mailbox:
    """Takes mails, or fails with what is left in ``errors``."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> MailReceipt:
        if self.errors:
            raise self.errors.pop(0)
        self.mails.append(mail)
        return MailReceipt(message_id="m")


async def test_each_hears_of_theirs_once_with_a_link() -> None:
    mailbox = Mailbox()
    notices = Notices(mailbox, SETTINGS)

    await notices.tell(EVERYTHING)
    await notices.tell(EVERYTHING)

    told = {mail.to: mail for mail in mailbox.mails}
    assert list(told) == ["grace@shop.example", "heidi@shop.example", "nora@shop.example"]
    assert len(mailbox.mails) == 3
    approval, review = told["grace@shop.example"], told["nora@shop.example"]
    assert approval.subject == "Order a b over 640.00 USD waits for an approval"
    assert "https://desk.example/desk/orders/a%20b\n" in approval.body
    assert "until Tue 2026-03-03 09:00 UTC" in approval.body
    assert "https://desk.example/desk/receipts/u-1\n" in review.body
    assert not any("@" in mail.idempotency_key for mail in mailbox.mails)


async def test_who_could_not_be_told_is_told_with_the_next_look() -> None:
    mailbox = Mailbox(ProviderUnavailable("down"), BadAddress("refused"))
    notices = Notices(mailbox, SETTINGS)

    await notices.tell(EVERYTHING)
    assert [mail.to for mail in mailbox.mails] == ["nora@shop.example"]
    await notices.tell(EVERYTHING)

    # Of a refused address no look makes a better one.
    assert [mail.to for mail in mailbox.mails] == ["nora@shop.example", "grace@shop.example"]


async def test_a_later_run_of_the_same_order_waits_anew() -> None:
    mailbox = Mailbox()
    notices = Notices(mailbox, SETTINGS)
    later = WaitingOrder(
        "order-a b", "a b", 64_000, "USD", "c", (), None, AT.replace(hour=10), None
    )

    await notices.tell(Waiting(approvals=[ORDER]))
    await notices.tell(Waiting(approvals=[later]))

    assert len({mail.idempotency_key for mail in mailbox.mails}) == 4


@pytest.mark.parametrize("listed", ["grace", "a@b.example, grace@"])
def test_a_setting_that_lists_no_addresses_is_refused(listed: str) -> None:
    with pytest.raises(ValueError, match="e-mail addresses, separated by commas"):
        Settings(notify_approvers=listed)
