"""One local stack and worker for all tests that kill nothing: each would start for seconds."""

from collections.abc import Iterator

import pytest

from sandbox.stack import Stack
from tests.end_to_end.terminal import Terminal


@pytest.fixture(scope="package")
def transcript() -> list[str]:
    """Everything that any command printed in these tests."""
    return []


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory, transcript: list[str]) -> Iterator[Terminal]:
    """Give a terminal beside a stack and a worker that live as long as these tests."""
    with Stack.isolated(tmp_path_factory.mktemp("shop")) as stack:
        stack.start_worker()
        yield Terminal(stack, transcript)
