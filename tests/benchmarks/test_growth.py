from benchmarks.growth import CONNECTIONS, at_once, order_that_waits
from models import Order
from workflows.search_attributes import needs_approval


def test_half_of_the_orders_wait_for_an_approval_and_half_only_sleep() -> None:
    orders = [order_that_waits(number) for number in range(10)]
    assert [needs_approval(order) for order in orders] == [False, True] * 5
    assert len({order.order_id for order in orders}) == 10


async def test_each_order_is_begun_once_however_many_there_are() -> None:
    begun: list[str] = []

    async def begin(order: Order) -> None:
        begun.append(order.order_id)

    count = 3 * CONNECTIONS + 1
    await at_once(begin, map(order_that_waits, range(count)))
    assert sorted(begun) == sorted(f"waits-{number}" for number in range(count))
