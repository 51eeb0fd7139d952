"""A worker that runs orders against the stub: our workflow, or the bare reference.

    python -m benchmarks.order_worker pipeline|bare

Both are built by ``worker.build_worker``, so that they have the same settings.
"""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.references.bare_temporal import BareOrder
from benchmarks.rig.steps import Providers
from bootstrap import order_archive
from client import connect
from config import load_settings
from worker import bounds_of, build_limited_workers, build_worker
from workflows.registered import WORKFLOWS

SIDES: dict[str, Sequence[type]] = {"pipeline": WORKFLOWS, "bare": (BareOrder,)}


async def _serve(side: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = load_settings().model_copy(update={"task_queue": f"benchmark-{side}"})
    async with AsyncExitStack() as closing:
        providers = Providers(settings)
        closing.push_async_callback(providers.api.close)
        client = await connect(settings)
        activities = providers.activities(order_archive(settings, closing))
        worker = build_worker(
            client,
            settings.task_queue,
            activities=activities,
            workflows=SIDES[side],
            grace_seconds=settings.worker_grace_seconds,
            bounds=bounds_of(settings),
        )
        limited = build_limited_workers(client, settings, activities)
        gc.freeze()  # as worker.py does
        async with AsyncExitStack() as running:
            for one in (worker, *limited):
                await running.enter_async_context(one)
            sys.stdout.write("worker ready\n")
            sys.stdout.flush()
            await stop.wait()


def main() -> None:
    """Serve one side until SIGTERM."""
    parser = argparse.ArgumentParser(description="Run the benchmarks' orders.")
    parser.add_argument("side", choices=list(SIDES))
    asyncio.run(_serve(parser.parse_args().side))


if __name__ == "__main__":
    main()
