"""A real server beside a real stack and worker, and people with keys, for all tests of the door."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from models import Role
from tests.support.browser import AtDesk, Browser
from tests.support.http_door import Door, Person, open_door
from tests.support.local_issuer import LocalIssuer, local_issuer
from tests.support.oidc_door import OpenDoor, opened
from tests.support.terminal import Terminal


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Yield the door of a stack that runs as long as these tests."""
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    # Each call has a connection of its own: one kept for later may just be closed by the server.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


def _person(door: Door, session: aiohttp.ClientSession, name: str, role: Role) -> Person:
    return Person(door.url, door.key(name, role), session)


@pytest.fixture
def ada(door: Door, session: aiohttp.ClientSession) -> Person:
    """Somebody who submits."""
    return _person(door, session, "ada", Role.SUBMIT)


@pytest.fixture
def bob(door: Door, session: aiohttp.ClientSession) -> Person:
    """Somebody else who submits."""
    return _person(door, session, "bob", Role.SUBMIT)


@pytest.fixture
def grace(door: Door, session: aiohttp.ClientSession) -> Person:
    """Somebody who approves."""
    return _person(door, session, "grace", Role.APPROVE)


@pytest.fixture
def olga(door: Door, session: aiohttp.ClientSession) -> Person:
    """Somebody who operates."""
    return _person(door, session, "olga", Role.OPERATE)


@pytest.fixture
async def at_desk(door: Door) -> AsyncIterator[AtDesk]:
    async with AsyncExitStack() as closing:
        yield AtDesk(door, closing)


@pytest.fixture
def shop(door: Door) -> Terminal:
    """The terminal beside the same stack."""
    return door.shop


@pytest_asyncio.fixture(loop_scope="module")
async def issuer() -> AsyncIterator[LocalIssuer]:
    async with local_issuer() as issuer:
        yield issuer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenDoor]:
    folder = tmp_path_factory.mktemp("here")
    async with local_issuer() as issuer, opened(folder, issuer) as door:
        yield door


@pytest.fixture
def here(_opened: OpenDoor) -> OpenDoor:
    """Return the server of all tests of a file; its issuer does nothing out of the ordinary."""
    _opened.issuer.forget()
    return _opened


@pytest_asyncio.fixture(loop_scope="module")
async def alone(issuer: LocalIssuer, tmp_path: Path) -> AsyncIterator[OpenDoor]:
    """Yield a server of this test's own, which has not asked its issuer yet."""
    async with opened(tmp_path, issuer) as door:
        yield door


@pytest_asyncio.fixture(loop_scope="module")
async def browser(here: OpenDoor) -> AsyncIterator[Browser]:
    async with Browser(here.url) as browser:
        yield browser
