"""A server of its own for every test, and a replay of whatever the test ran."""

from collections.abc import AsyncIterator

import pytest

from tests.support.fakes import World
from tests.support.pipelines import Pipelines, serving_pipelines


@pytest.fixture
async def pipelines() -> AsyncIterator[Pipelines]:
    async with serving_pipelines() as served:
        yield served
        await served.replay()


@pytest.fixture
def world(pipelines: Pipelines) -> World:
    return pipelines.world
