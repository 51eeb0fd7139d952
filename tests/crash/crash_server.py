"""The HTTP server of the crash tests: production's, with points to stop at while it accepts.

    python -m tests.crash.crash_server FOLDER

It is ``server.py`` with a hook of the SDK around the start of a run, and a wrapper around the
store.
"""

import argparse
import functools
import re
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)

import client
import server
from config import Settings
from models import Order
from providers.object_store.s3 import S3ObjectStore
from tests.crash.crash_worker import POINTS_FOLDER
from tests.crash.points import Points, point
from tests.crash.steps import START_POSTED, STORE_POSTED, Moment

_SLUG = re.compile(rb"server-[a-z-]+$")
"""The end of a posted picture, which tells whose case it is."""


class _Starts(Interceptor):
    def __init__(self, points: Points) -> None:
        self._points = points

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _HookedStarts(next, self._points)


class _HookedStarts(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, points: Points) -> None:
        super().__init__(next)
        self._points = points

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        (what,) = input.args
        slug = what.order_id if isinstance(what, Order) else what.user_id
        await self._points.stop_at(point(Moment.BEFORE, START_POSTED, slug))
        run = await super().start_workflow(input)
        await self._points.stop_at(point(Moment.EFFECT, START_POSTED, slug))
        return run


def _storing(points: Points) -> Any:
    real = S3ObjectStore.put_receipt

    @functools.wraps(real)
    def hooked(self: S3ObjectStore, data: bytes) -> str:
        found = _SLUG.search(data)
        slug = found[0].decode() if found else ""
        points.stop_thread_at(point(Moment.BEFORE, STORE_POSTED, slug))
        key = real(self, data)
        points.stop_thread_at(point(Moment.EFFECT, STORE_POSTED, slug))
        return key

    return hooked


def _connecting(points: Points) -> Any:
    real = client.connect

    @functools.wraps(real)
    async def hooked(settings: Settings) -> Client:
        config: dict[str, Any] = {**(await real(settings)).config()}
        return Client(**{**config, "interceptors": [_Starts(points)]})

    return hooked


def main() -> int:
    """Parse the command line, and serve until SIGTERM; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where points are kept")
    points = Points(parser.parse_args().folder / POINTS_FOLDER)
    with (
        patch.object(S3ObjectStore, "put_receipt", _storing(points)),
        patch.object(client, "connect", _connecting(points)),
    ):
        return server.main([])


if __name__ == "__main__":
    sys.exit(main())
