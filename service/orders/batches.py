"""Many orders with one question to the archive instead of one each.

Orders are read some way ahead of their start, so that a batch of ten thousand costs ten queries,
and a file of a million is never held as a whole.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio.client import Client

from models import ArchivedOrder, Order
from service.errors import BadInput, DatabaseUnreachable
from service.orders.archive import Archive
from service.orders.start import start_order
from service.submission import Started

FIRST_ORDERS, MOST_ORDERS = 32, 1_000
"""Orders that are looked up with the first query and, as each asks for twice as many as the one
before, with the largest: what comes through a pipe does not wait for the thousandth to start."""

MOST_ITEMS = 20_000
"""Items of those orders. Each takes about a kilobyte; an order may have 200."""

Source = TypeVar("Source")


@dataclass(frozen=True)
class OrderOfBatch(Generic[Source]):
    """One order of a batch, or what is wrong with it, and where it was found."""

    source: Source
    order: Order | BadInput
    lookup: "_Lookup"

    async def start(
        self,
        client: Client,
        task_queue: str,
        approval_threshold: int,
        *,
        submitted_by: str | None = None,
    ) -> Started:
        """Start the order or join it; raise as ``start_order``, BadInput, DatabaseUnreachable."""
        if isinstance(self.order, BadInput):
            raise self.order
        rows = await self.lookup.rows()
        archived = rows.get(self.order.order_id)
        return await start_order(
            client,
            self.order,
            task_queue,
            approval_threshold,
            archived,
            submitted_by=submitted_by,
        )


class _Lookup:
    """One query for several orders, made when the first of them is started."""

    def __init__(self, archive: Archive, order_ids: list[str]) -> None:
        self._archive = archive
        self._order_ids = order_ids
        self._asking = asyncio.Lock()
        self._rows: dict[str, ArchivedOrder] | DatabaseUnreachable | None = None

    async def rows(self) -> dict[str, ArchivedOrder]:
        """Return the rows; raise DatabaseUnreachable, to all if to one."""
        async with self._asking:
            if self._rows is None:
                try:
                    self._rows = await self._archive.of_all(self._order_ids)
                except DatabaseUnreachable as error:
                    self._rows = error
        if isinstance(self._rows, DatabaseUnreachable):
            raise self._rows
        return self._rows


def looked_up_together(
    orders: Iterable[tuple[Source, Order | BadInput]], archive: Archive
) -> Iterator[OrderOfBatch[Source]]:
    """Yield the orders of a batch, those that were read together with one lookup."""
    for chunk in _chunks(orders):
        ids = [order.order_id for _, order in chunk if isinstance(order, Order)]
        lookup = _Lookup(archive, ids)
        for source, order in chunk:
            yield OrderOfBatch(source, order, lookup)


def _chunks(
    orders: Iterable[tuple[Source, Order | BadInput]],
) -> Iterator[list[tuple[Source, Order | BadInput]]]:
    chunk: list[tuple[Source, Order | BadInput]] = []
    items, most = 0, FIRST_ORDERS
    for source, order in orders:
        chunk.append((source, order))
        items += len(order.items) if isinstance(order, Order) else 0
        if len(chunk) >= most or items >= MOST_ITEMS:
            yield chunk
            chunk, items, most = [], 0, min(2 * most, MOST_ORDERS)
    if chunk:
        yield chunk
