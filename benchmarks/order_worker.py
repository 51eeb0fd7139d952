"""A worker that runs orders against the stub: our workflow, or the bare reference.

    python -m benchmarks.order_worker pipeline|bare

Both are built by ``worker.build_worker``, so that they have the same settings.
"""

import argparse
import asyncio
import datetime as dt
import gc
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.references.bare_temporal import BareOrder
from benchmarks.rig.steps import WAIT_SECONDS, Providers
from bootstrap import activities_of, order_archive
from client import connect
from config import load_settings
from worker import WORKFLOWS, build_worker
from workflows import business_days

SIDES: dict[str, Sequence[type]] = {"pipeline": WORKFLOWS, "bare": (BareOrder,)}


def trade_around_the_clock() -> None:
    """Make an order's wait for the next business day begin, and end at once, on any day and hour.

    Both questions are answered: after its wait an order asks again whether business is open, and
    before nine or on a Saturday it would wait on.
    """
    business_days.next_business_day_opening = _opens_at_once
    business_days.opening_unless_open = _is_open


def _opens_at_once(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=WAIT_SECONDS)


def _is_open(now: dt.datetime) -> dt.datetime | None:  # noqa: ARG001
    return None


async def _serve(side: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = load_settings()
    async with AsyncExitStack() as closing:
        providers = Providers(settings)
        closing.push_async_callback(providers.api.close)
        worker = build_worker(
            await connect(settings),
            f"benchmark-{side}",
            activities=activities_of(providers.activities(order_archive(settings, closing))),
            workflows=SIDES[side],
            grace_seconds=settings.worker_grace_seconds,
        )
        gc.freeze()  # as worker.py does
        async with worker:
            sys.stdout.write("worker ready\n")
            sys.stdout.flush()
            await stop.wait()


def main() -> None:
    """Serve one side until SIGTERM."""
    parser = argparse.ArgumentParser(description="Run the benchmarks' orders.")
    parser.add_argument("side", choices=list(SIDES))
    trade_around_the_clock()
    asyncio.run(_serve(parser.parse_args().side))


if __name__ == "__main__":
    main()
