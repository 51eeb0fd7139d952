"""A limit holds over all workers, as the server counts; so on the real dev server."""

import asyncio
import datetime as dt
from contextlib import AsyncExitStack

from temporalio.client import Client

from config import Settings
from tests.support.fakes import World
from tests.support.pipelines import DATA_CONVERTER, Pipelines, own_namespace, small_order
from tests.support.watching import until
from worker import bounds_of, build_limited_workers

LIMIT = 5
CHARGES = 30
SAVED_UP = 8
"""What the four partitions of a queue may have saved up: each two, as a fourth of 5 is rounded."""

SECOND = dt.timedelta(seconds=1)


async def test_two_workers_together_charge_no_more_often_than_the_limit(
    dev_server_address: str,
) -> None:
    settings = Settings(provider_limits=f"payments={LIMIT}")
    env = await own_namespace(dev_server_address)
    world = World(clock=env.get_current_time)
    pipelines = Pipelines(env, world)
    async with AsyncExitStack() as running:
        await running.enter_async_context(pipelines.worker(bounds=bounds_of(settings)))
        for _machine in range(2):
            client = await Client.connect(
                dev_server_address, namespace=env.client.namespace, data_converter=DATA_CONVERTER
            )
            (worker,) = build_limited_workers(client, settings, pipelines.activities())
            await running.enter_async_context(worker)
        orders = (small_order(order_id=f"o{number}") for number in range(CHARGES))
        await asyncio.gather(*map(pipelines.order, orders))
        await until(lambda: _are_made(world))

    made = sorted(call.at for call in world.calls_of("charge_payment"))
    in_a_second = [sum(since <= at < since + SECOND for at in made) for since in made]
    assert max(in_a_second) <= LIMIT + SAVED_UP
    assert (made[-1] - made[0]).total_seconds() >= (CHARGES - SAVED_UP) / LIMIT


async def _are_made(world: World) -> bool:
    return len(world.charges) == CHARGES
