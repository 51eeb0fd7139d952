"""A server beside a stack and a worker, and a real browser."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

pytest.importorskip("playwright", reason="make test-browser installs it")

from playwright.async_api import expect

from tests.support.http_door import Door, open_door
from tests.support.real_browser import Windows, chromium


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Yield the door of a stack that runs as long as these tests."""
    with open_door(tmp_path_factory.mktemp("browser")) as door:
        yield door


@pytest.fixture
async def windows(door: Door) -> AsyncIterator[Windows]:
    async with chromium() as browser, AsyncExitStack() as closing:
        yield Windows(door, browser, closing)


@pytest.fixture(autouse=True)
def slow_machine() -> None:
    expect.set_options(timeout=60_000)
