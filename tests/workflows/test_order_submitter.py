"""Who submitted an order is known as long as the order is, and is no part of its content."""

import pytest

from models import OrderStatus, OrderToArchive, OrderTry
from service.orders.archive import archived_state
from service.orders.ended import ended_order
from service.orders.missing import order_to_archive
from service.orders.start import start_order
from service.runs.executions import describe
from service.runs.history import read_history, started_with
from service.runs.reading import reader_of
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, later_try, small_order
from tests.support.watching import order_state, result_of, until_order
from workflows.search_attributes import SUBMITTED_BY

THEIRS = later_try(small_order(), number=1, submitted_by="shop")


async def test_it_is_shown_searched_and_archived(pipelines: Pipelines, world: World) -> None:
    client = pipelines.env.client
    run = await pipelines.order(THEIRS)

    state = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    shown = (await run.describe()).typed_search_attributes
    await result_of(run)

    assert state.submitted_by == "shop"
    assert shown.get(SUBMITTED_BY) == "shop"
    assert archived_state(world.orders["o1"]).submitted_by == "shop"
    execution = (await describe(client, "order-o1")).execution
    history = await read_history(client, execution)
    reader = reader_of(client, "order-o1")
    assert (await ended_order(reader, execution, history)).submitted_by == "shop"
    late = await order_to_archive(reader, execution, history)
    assert isinstance(late, OrderToArchive)
    assert late.submitted_by == "shop"


async def test_whoever_submits_the_same_joins_it_and_it_stays_whose_it_was(
    pipelines: Pipelines,
) -> None:
    run = await pipelines.order(THEIRS)

    for other in ("shop", "eve", None):
        joined = await start_order(pipelines.env.client, small_order(), QUEUE, submitted_by=other)
        assert joined.joined

    assert (await order_state(run)).submitted_by == "shop"
    await result_of(run)


@pytest.mark.parametrize("by", ["shop", None])
async def test_a_start_records_whoever_is_signed_in(pipelines: Pipelines, by: str | None) -> None:
    client = pipelines.env.client
    await start_order(client, small_order(), QUEUE, submitted_by=by)

    execution = (await describe(client, "order-o1")).execution
    order = await started_with(client, execution, OrderTry)

    assert order is not None
    assert (order.submitted_by, order.try_number) == (by, 1)
    assert execution.search_attributes.get(SUBMITTED_BY) == by
    history = await read_history(client, execution)
    # Without, the input is what it was before anybody could be signed in.
    assert (b"submitted_by" in history.input[0].data) is (by is not None)
    await client.get_workflow_handle("order-o1").terminate()
