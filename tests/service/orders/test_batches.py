"""A batch asks the archive for many orders at once, and is never read as a whole."""

from collections.abc import Collection, Iterator

import pytest

from models import ArchivedOrder, Order, OrderItem
from providers.errors import ProviderUnavailable
from service.errors import BadInput, DatabaseUnreachable
from service.orders.archive import Archive
from service.orders.batches import MOST_ITEMS, MOST_ORDERS, looked_up_together
from tests.support.fakes import World
from tests.support.pipelines import small_order


class Rows(World):
    """An archive without rows that counts its queries."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.error: ProviderUnavailable | None = None

    async def archived(self, order_ids: Collection[str]) -> dict[str, ArchivedOrder]:
        self.asked.append(len(order_ids))
        if self.error:
            raise self.error
        return {}


def orders(count: int, read: list[int], **changes: object) -> Iterator[tuple[int, Order]]:
    order = small_order(**changes)
    for number in range(count):
        read.append(number)
        yield number, order.model_copy(update={"order_id": f"o{number}"})


async def test_ten_thousand_orders_are_a_few_queries() -> None:
    rows, read = Rows(), list[int]()
    for one in looked_up_together(orders(10_000, read), Archive(rows)):
        await one.lookup.rows()

    assert sum(rows.asked) == 10_000
    assert len(rows.asked) <= 16
    assert max(rows.asked) == MOST_ORDERS


async def test_a_batch_is_read_little_ahead_of_its_starts() -> None:
    read = list[int]()
    for one in looked_up_together(orders(3_000, read), Archive(Rows())):
        assert len(read) <= 2 * one.source + 32 + 1


async def test_large_orders_are_read_fewer_at_a_time() -> None:
    rows, read = Rows(), list[int]()
    many = (OrderItem(sku="mug", quantity=1, unit_price_cents=1),) * 200
    for one in looked_up_together(orders(500, read, items=many), Archive(rows)):
        await one.lookup.rows()
    assert max(rows.asked) == MOST_ITEMS // 200


async def test_what_is_no_order_is_not_looked_up() -> None:
    rows = Rows()
    bad = [(0, BadInput("no order"))]
    (one,) = looked_up_together(bad, Archive(rows))
    assert await one.lookup.rows() == {}
    assert rows.asked == []


async def test_an_archive_that_does_not_answer_is_asked_once_for_all() -> None:
    rows = Rows()
    rows.error = ProviderUnavailable("could not look up orders in nowhere: refused")
    for one in looked_up_together(orders(20, []), Archive(rows)):
        with pytest.raises(DatabaseUnreachable, match=r"^could not look up orders in nowhere"):
            await one.lookup.rows()
    assert len(rows.asked) == 1
