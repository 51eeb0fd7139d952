"""Mails that something waits for a person, each sent once and with a link to its page.

Who is told is a setting. The record of sent mails knows what was sent, so that a server that
starts again, or one beside it, sends no second one. A mail that cannot be sent is tried again with
the next look: what waits goes on waiting.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import quote

from bootstrap import mail_provider
from config import Settings
from models import Mail
from providers.errors import BadAddress, ProviderError
from providers.mail import MailProvider
from service.errors import ServiceError
from service.waiting import Waiting, WaitingOrder, WaitingReceipt
from settings.values import addresses_in
from workflows import wording

LOOK_SECONDS = 10.0
"""How soon somebody is told."""

_LOGGER = logging.getLogger(__name__)


@asynccontextmanager
async def telling(
    settings: Settings, look: Callable[[], Awaitable[Waiting]]
) -> AsyncIterator[None]:
    """Tell people of what waits during the block, if a setting says whom.

    Raise SettingsError if a setting cannot be used.
    """
    if not (settings.notify_approvers or settings.notify_reviewers):
        yield
        return
    async with AsyncExitStack() as closing:
        notices = Notices(mail_provider(settings, closing), settings)
        going_on = asyncio.create_task(notices.go_on(look))
        try:
            yield
        finally:
            going_on.cancel()
            await asyncio.gather(going_on, return_exceptions=True)


class Notices:
    """Tells people of what waits for them."""

    def __init__(self, mail: MailProvider, settings: Settings) -> None:
        self._mail = mail
        self._settings = settings
        self._done: set[str] = set()

    async def go_on(self, look: Callable[[], Awaitable[Waiting]]) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            try:
                await self.tell(await look())
            except ServiceError as error:
                _LOGGER.warning("nobody is told of what waits: %s", error)
            except Exception:
                _LOGGER.exception("nobody is told of what waits")
            await asyncio.sleep(LOOK_SECONDS)

    async def tell(self, waiting: Waiting) -> None:
        """Send a mail for each that waits, unless it was sent before."""
        for mail in self._mails(waiting):
            if mail.idempotency_key in self._done:
                continue
            try:
                await self._mail.send(mail)
            except BadAddress as error:
                _LOGGER.warning("%s is not told: %s", mail.idempotency_key, error)
            except ProviderError as error:
                _LOGGER.warning("%s is told later: %s", mail.idempotency_key, error)
                continue
            self._done.add(mail.idempotency_key)

    def _mails(self, waiting: Waiting) -> Iterator[Mail]:
        approvers = addresses_in(self._settings.notify_approvers)
        reviewers = addresses_in(self._settings.notify_reviewers)
        for order in waiting.approvals:
            yield from self._to_each(approvers, order, *_of_order(order))
        for receipt in waiting.reviews:
            yield from self._to_each(reviewers, receipt, *_of_receipt(receipt))

    def _to_each(
        self, addresses: Sequence[str], one: WaitingOrder | WaitingReceipt, what: str, page: str
    ) -> Iterator[Mail]:
        link = f"{self._settings.server_address}/desk/{page}"
        until = f" It waits until {one.until:%a %Y-%m-%d %H:%M} UTC." if one.until else ""
        for address in addresses:
            yield Mail(
                # A later run of the same id waits anew; an address is in no log.
                idempotency_key=f"{one.workflow_id}:waits:{one.since:%Y%m%dT%H%M%S}:{_short(address)}",
                to=address,
                subject=what,
                body=f"{what}.{until}\n\n{link}\n",
            )


def _of_order(order: WaitingOrder) -> tuple[str, str]:
    total = wording.money(order.total_cents, order.currency)
    what = f"Order {order.order_id} over {total} waits for an approval"
    return what, f"orders/{quote(order.order_id, safe='')}"


def _of_receipt(receipt: WaitingReceipt) -> tuple[str, str]:
    what = f"Receipt {receipt.receipt_id} of {receipt.user_id} waits for somebody to look at it"
    return what, f"receipts/{quote(receipt.receipt_id, safe='')}"


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:8]
