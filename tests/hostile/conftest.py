"""One local stack and worker for all tests with hostile input."""

from collections.abc import Iterator

import pytest

from sandbox.parts import TEMPORAL_SETTINGS
from tests.support.terminal import Terminal, beside_a_stack


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a stack and a worker that run as long as these tests.

    Its server lets people pause runs.
    """
    with pytest.MonkeyPatch.context() as patched:
        enabled = "--dynamic-config-value=frontend.WorkflowPauseEnabled=true"
        patched.setattr("sandbox.parts.TEMPORAL_SETTINGS", (*TEMPORAL_SETTINGS, enabled))
        with beside_a_stack(tmp_path_factory.mktemp("hostile")) as terminal:
            yield terminal
