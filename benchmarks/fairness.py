"""What a batch of one customer costs another: ``python -m benchmarks.fairness``.

Seconds from the post of a single order until its last step is answered: alone, and posted right
behind a batch of another customer, with and without the customers' keys. Charges are limited, so
that the batch waits on the server. Each round has all three, and waits until the batch is done.
"""

import argparse
import asyncio
import uuid
from typing import Any

import aiohttp
from temporalio.client import Client

from benchmarks.rig.comparison import Sample, in_turns, ratio, report, summary
from benchmarks.rig.stage import Stage, now, small_order
from models import Order
from service.orders.start import start_order

QUEUE = "benchmark-pipeline"
CONNECTIONS = 50
WAYS = ("alone", "fair", "unfair")


class Shop:
    """Two customers, whose orders one worker serves."""

    def __init__(
        self, stage: Stage, session: aiohttp.ClientSession, clients: dict[str, Client], batch: int
    ) -> None:
        self._stage = stage
        self._session = session
        self._clients = clients
        self._batch = batch

    async def measure(self, way: str) -> Sample:
        """Return the seconds of a single order, and how fast the batch before it was done."""
        client, name = self._clients[way], uuid.uuid4().hex[:12]
        began = now()
        size = self._batch if way != "alone" else 0
        await self._post_all(client, name, size)
        posted = now()
        single = await self._seconds_of_one(client, f"single-{name}")
        sample = {"single_s": round(single, 2), "batch_posted_s": round(posted - began, 2)}
        if size:
            answers = await self._stage.last_answers(self._session, f"{name}-", size)
            sample["batch_per_second"] = round(size / (max(answers.values()) - began), 1)
        return sample

    async def _seconds_of_one(self, client: Client, order_id: str) -> float:
        began = now()
        await start_order(client, _order(order_id, "one"), QUEUE)
        answers = await self._stage.last_answers(self._session, order_id, 1)
        return max(answers.values()) - began

    async def _post_all(self, client: Client, name: str, size: int) -> None:
        orders = (_order(f"{name}-{number}", "many") for number in range(size))

        async def connection() -> None:
            for order in orders:
                await start_order(client, order, QUEUE)

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


def _order(order_id: str, customer: str) -> Order:
    return small_order(order_id).model_copy(update={"customer_id": customer})


async def _run(args: argparse.Namespace) -> None:
    limit = f"payments={args.per_second:g}"
    with Stage.set_up() as stage:
        stage.start_side("pipeline", "benchmarks.order_worker", "pipeline", PROVIDER_LIMITS=limit)
        fair = await stage.connect()
        clients = {"alone": fair, "fair": fair, "unfair": await stage.connect(is_fair=False)}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as session:
            shop = Shop(stage, session, clients, args.batch)
            await shop.measure("alone")  # the first order also loads modules
            samples = await in_turns(WAYS, args.rounds, shop.measure)
    result: dict[str, Any] = {way: summary(samples[way]) for way in WAYS}
    for way in WAYS[1:]:
        result[f"{way}_by_alone"] = ratio(samples, way, "alone", "single_s")
    result["fair_by_unfair"] = {
        figure: ratio(samples, "fair", "unfair", figure)
        for figure in ("single_s", "batch_per_second")
    }
    report("fairness", {"batch": args.batch, "charges_per_second": args.per_second, **result})


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Measure an order behind another's batch.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=200, help="orders of the other customer")
    parser.add_argument("--per-second", type=float, default=5.0, help="charges of both")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
