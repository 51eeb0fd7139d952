"""One local stack and worker for all tests that kill nothing, because starting takes seconds."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from client import data_converter
from config import Settings
from tests.support.bare import Start, start_and_fail
from tests.support.desk import Desk
from tests.support.terminal import Terminal, beside_a_stack


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a stack and a worker that run as long as these tests."""
    with beside_a_stack(tmp_path_factory.mktemp("shop")) as terminal:
        yield terminal


@pytest.fixture
def desk(
    shop: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Return a terminal in this process beside the same stack."""
    return Desk(shop, capsys, monkeypatch)


@pytest.fixture
def start_bare(shop: Terminal) -> Start:
    """Return what starts a run by hand under an id, and waits until it has failed."""

    async def start(workflow_id: str, workflow_type: str, *given: object) -> None:
        # Encrypts tokens: whoever types one into the stock CLI leaves it in a history for good.
        client = await Client.connect(
            shop.stack.temporal_address, data_converter=data_converter(Settings())
        )
        queue = shop.stack.settings.task_queue
        await start_and_fail(client, queue, workflow_id, workflow_type, *given)

    return start
