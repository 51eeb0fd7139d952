"""A server of its own for every test, and a replay of all runs of the test."""

import dataclasses
from collections.abc import AsyncIterator

import pytest

from activities.policies import POLICIES
from tests.support.fakes import PATIENCE, World
from tests.support.pipelines import Pipelines, serving_pipelines


@pytest.fixture
async def pipelines(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pipelines]:
    """Pipelines that take no worker for lost because a busy machine stalled it for a second."""
    for name, policy in POLICIES.items():
        monkeypatch.setitem(POLICIES, name, dataclasses.replace(policy, heartbeat=PATIENCE))
    async with serving_pipelines() as served:
        yield served
        await served.replay()


@pytest.fixture
async def punctual_pipelines() -> AsyncIterator[Pipelines]:
    """Pipelines with the heartbeats of production, for tests that look at them."""
    async with serving_pipelines() as served:
        yield served
        await served.replay()


@pytest.fixture
def world(pipelines: Pipelines) -> World:
    return pipelines.world
