"""The archive of ended orders: what is left of an order once Temporal has forgotten its run."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from bootstrap import order_archive
from config import Settings
from models import ArchivedOrder, OrderIds, OrderState, OrderStatus, OrderToArchive
from providers.errors import ProviderError
from providers.records import OrderArchive
from service.errors import DatabaseUnreachable
from service.runs.find import WorkflowId
from workflows.identity import order_id_of


class Archive:
    """The archive; every method raises DatabaseUnreachable if it cannot be asked."""

    def __init__(self, orders: OrderArchive) -> None:
        self._orders = orders

    async def of(self, order_id: str) -> ArchivedOrder | None:
        """Return how an order ended; None if the archive does not know it."""
        return (await self.of_all([order_id])).get(order_id)

    async def of_all(self, order_ids: Collection[str]) -> dict[str, ArchivedOrder]:
        """Return how orders ended, by order id, with one query; at most 10,000 are asked for."""
        try:
            return await self._orders.archived(order_ids) if order_ids else {}
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None

    async def answers(self) -> None:
        """Return if the archive answers."""
        await self.of_all(["-"])

    async def ended(self, status: OrderStatus | None, limit: int) -> list[ArchivedOrder]:
        """Return the orders that ended last, with one status or any."""
        try:
            return await self._orders.list_archived(status, limit)
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None

    async def add(self, order: OrderToArchive) -> bool:
        """Write how an order ended; tell whether it was, or another end of it stands there."""
        try:
            return (await self._orders.archive(order)).written
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None


@asynccontextmanager
async def opened_archive(settings: Settings) -> AsyncIterator[Archive]:
    """Yield the archive; raise SettingsError if its URL cannot be used."""
    async with AsyncExitStack() as closing:
        yield Archive(order_archive(settings, closing))


async def find_archived(settings: Settings, run_id: str) -> ArchivedOrder | None:
    """Find an ended order by its workflow id or by its order id alone, in this order.

    Raise DatabaseUnreachable, or SettingsError as ``opened_archive``.
    """
    if not run_id.isprintable():
        return None
    named = () if isinstance(run_id, WorkflowId) else (run_id,)
    order_ids = [order_id for order_id in (order_id_of(run_id), *named) if order_id]
    async with opened_archive(settings) as archive:
        rows = await archive.of_all(order_ids)
    return next((rows[order_id] for order_id in order_ids if order_id in rows), None)


def archived_state(row: ArchivedOrder) -> OrderState:
    """Return where an order stands that only the archive knows."""
    result = row.result
    return OrderState(
        order_id=row.order_id,
        try_number=result.try_number,
        submitted_by=row.content.get("submitted_by"),
        status=result.status,
        step=row.step,
        paused=False,
        waiting_for=None,
        waiting_until=None,
        total_cents=result.total_cents,
        currency=result.currency,
        approval=result.approval,
        reason=result.reason,
        cancel_refused=row.cancel_refused,
        customer_told=result.customer_told,
        started_at=row.started_at,
        elapsed_seconds=(row.ended_at - row.started_at).total_seconds(),
        **result.model_dump(include=set(OrderIds.model_fields)),
    )
