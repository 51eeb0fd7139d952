"""What the door does about a Temporal that it can never use: it stays open and says why."""

from pathlib import Path

import pytest

from config import Settings
from service.errors import TemporalGone
from tests.support.untrue_temporal import UNAUTHENTICATED, refusing
from web.backend import opened_backend
from web.problems import status_of, told


async def test_a_temporal_that_refuses_us_is_503_and_its_cause_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        refusing(UNAUTHENTICATED) as address,
        opened_backend(Settings(state_dir=tmp_path)) as backend,
    ):
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        with pytest.raises(TemporalGone) as gone:
            await backend.client()

    assert status_of(gone.value) == 503
    assert told(gone.value, "/orders") == "Temporal does not answer"
    assert caplog.messages == [
        f"/orders: Temporal at {address} lets nobody in without a key: set TEMPORAL_API_KEY"
    ]
