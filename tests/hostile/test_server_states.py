"""Whatever state the server has put a run into, it is a word and never a traceback."""

from collections.abc import Iterator

import pytest

from sandbox.parts import TEMPORAL_SETTINGS
from tests.support.terminal import Terminal, beside_a_stack, eventually, order_document


@pytest.fixture(scope="module")
def pausing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a server that lets people pause runs."""
    with pytest.MonkeyPatch.context() as patched:
        enabled = "--dynamic-config-value=frontend.WorkflowPauseEnabled=true"
        patched.setattr("sandbox.parts.TEMPORAL_SETTINGS", (*TEMPORAL_SETTINGS, enabled))
        with beside_a_stack(tmp_path_factory.mktemp("pausing")) as terminal:
            yield terminal


def test_a_run_that_the_server_has_paused_is_said_to_be_and_hides_no_other(
    pausing: Terminal,
) -> None:
    for order_id in ("stopped", "beside"):
        pausing.order(order_document(order_id, cents=64_000))
        pausing.until(f"order-{order_id}", status="awaiting_approval")
    at = ("--address", pausing.stack.temporal_address)
    paused = pausing.temporal("workflow", "pause", "--workflow-id", "order-stopped", *at)
    assert paused.code == 0, paused

    listed = eventually(
        lambda: pausing.starter("list", "--json"), lambda said: len(said.objects) == 2
    )
    stuck = pausing.starter("list", "--stuck")
    status = pausing.starter("status", "stopped")
    approved = pausing.starter("approve", "stopped")
    audited = pausing.starter("audit", "--json")

    assert listed.code == 0, listed
    assert {run["workflow_id"] for run in listed.objects} == {"order-stopped", "order-beside"}
    assert stuck.code == 0, stuck
    for answer in (status, approved):
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("error: order-stopped cannot answer: it was paused on the ")
        assert "temporal workflow unpause --workflow-id order-stopped" in answer.err
    assert audited.code == 0, audited

    pausing.temporal("workflow", "unpause", "--workflow-id", "order-stopped", *at)

    assert pausing.starter("reject", "stopped").code == 0
    assert pausing.starter("reject", "beside").code == 0
