"""A server of its own for every test, and a replay of all runs of the test."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.policies import POLICIES
from tests.support.calls import PATIENCE
from tests.support.fakes import World
from tests.support.pipelines import Pipelines, dev_server, own_namespace, serving_pipelines


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


@pytest.fixture(scope="session")
def dev_server_address() -> Iterator[str]:
    """Yield the address of a dev server, which takes a second to start."""
    loop, server = asyncio.new_event_loop(), dev_server()
    env = loop.run_until_complete(server.__aenter__())
    yield env.client.service_client.config.target_host
    loop.run_until_complete(server.__aexit__(None, None, None))
    loop.close()


@pytest.fixture
async def real_time(dev_server_address: str) -> WorkflowEnvironment:
    """Return a dev server, in a namespace of the test's own, for what needs one."""
    return await own_namespace(dev_server_address)


@pytest.fixture
def world(pipelines: Pipelines) -> World:
    return pipelines.world
