"""The archive of ended orders in SQLite or PostgreSQL."""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from sqlalchemy import and_, case, or_, select
from sqlalchemy.engine import RowMapping

from models import ArchivedOrder, ArchiveReceipt, OrderStatus, OrderToArchive
from providers.records import archived_content, token_digest
from providers.records.database import Database
from providers.records.tables import ORDERS

_OUTCOME = frozenset({"step", "result", "cancel_refused", "owed"})
_IN_COLUMNS = frozenset({"workflow_id", "run_id", "first_run_id", "started_at", "ended_at"})


class SqlOrderArchive:
    """``OrderArchive`` in a database, which others may use too. They close it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def archive(self, order: OrderToArchive) -> ArchiveReceipt:
        """Insert the order's row, or replace it; see ``OrderArchive.archive``."""
        new = self._database.insert(ORDERS).values(
            order_id=order.order_id,
            customer_id=order.customer_id,
            currency=order.currency,
            status=order.result.status.value,
            total_cents=order.total_cents,
            try_number=order.result.try_number,
            token_digests=" ".join(filter(None, (token_digest(order), order.first_token_digest))),
            content=archived_content(order),
            outcome=order.model_dump(mode="json", include=set(_OUTCOME)),
            **{name: _in_utc(getattr(order, name)) for name in _IN_COLUMNS},
        )
        row, given = ORDERS.c, new.excluded
        replaced: dict[str, Any] = {
            column.name: given[column.name] for column in row if not column.primary_key
        }
        replaced["token_digests"] = case(
            (row.token_digests.contains(given.token_digests), row.token_digests),
            else_=row.token_digests + " " + given.token_digests,
        )
        shipped = OrderStatus.COMPLETED.value
        is_later_try = and_(
            given.try_number > row.try_number,
            # Such a try began although there was nothing to do, and could not find that out.
            or_(row.status != shipped, given.status == shipped),
        )
        is_same_start = and_(
            given.try_number == row.try_number,
            given.first_run_id == row.first_run_id,
            given.ended_at >= row.ended_at,
        )
        statement = new.on_conflict_do_update(
            index_elements=["order_id"], set_=replaced, where=or_(is_later_try, is_same_start)
        )
        async with self._database.transaction("archive an order") as connection:
            answer = await connection.execute(statement.returning(row.order_id))
            return ArchiveReceipt(written=answer.scalar_one_or_none() is not None)

    async def archived(self, order_ids: Collection[str]) -> dict[str, ArchivedOrder]:
        """Return the rows of these order ids, by order id; raises ProviderUnavailable."""
        # One at a time is what a start asks for, of an order that is new as good as always.
        if len(order_ids) == 1 and self._database.glance(ORDERS, *order_ids) == []:
            return {}
        query = select(ORDERS).where(ORDERS.c.order_id.in_(order_ids))
        rows = await self._database.read("look up orders", query)
        return {row["order_id"]: _archived(row) for row in rows}

    async def list_archived(
        self, status: OrderStatus | None = None, limit: int | None = None
    ) -> list[ArchivedOrder]:
        """Return the rows, last ended first; raises ProviderUnavailable."""
        query = select(ORDERS).order_by(ORDERS.c.ended_at.desc(), ORDERS.c.order_id)
        if status is not None:
            query = query.where(ORDERS.c.status == status.value)
        rows = await self._database.read("list ended orders", query.limit(limit))
        return [_archived(row) for row in rows]

    async def all_archived(self) -> AsyncIterator[Sequence[ArchivedOrder]]:
        """Yield all rows, page by page; raises ProviderUnavailable."""
        async for page in self._database.pages("read the archive", ORDERS.c.order_id):
            yield [_archived(row) for row in page]


def _in_utc(value: object) -> object:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value


def _archived(row: RowMapping) -> ArchivedOrder:
    # Written in UTC; PostgreSQL returns the time zone, SQLite drops it.
    times = {name: row[name].replace(tzinfo=dt.UTC) for name in ("started_at", "ended_at")}
    digests = frozenset(row["token_digests"].split())
    return ArchivedOrder.model_validate(
        {**row, **row["outcome"], **times, "token_digests": digests}
    )
