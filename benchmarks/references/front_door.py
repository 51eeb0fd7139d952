"""The HTTP server of the references that have none of their own: ``POST /orders``."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from benchmarks.rig.stage import READY
from models import Order


async def serve(port: int, take: Callable[[Order], Awaitable[object]]) -> None:
    """Serve until SIGTERM; answer each order with 200 after ``take`` has returned."""

    async def post(request: web.Request) -> web.Response:
        await take(Order.model_validate_json(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/orders", post)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
