import json

import pytest

from benchmarks import start
from service.orders.start import STARTS_AT_ONCE


def test_starts_are_measured_beside_bare_ones_one_by_one_and_as_a_batch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "set anew by what is tested")

    few = ["--rounds=1", "--warm-up=1", "--singles=2", "--batches=1", "--archived=2"]
    start.main([*few, f"--orders={STARTS_AT_ONCE + 8}"])

    (line,) = capsys.readouterr().out.splitlines()
    measured = json.loads(line)
    assert measured["row"] == "start"
    for side in ("receipt", "order"):
        assert 0 < measured[f"bare_{side}"]["ms_p50"] <= measured[f"bare_{side}"]["ms_p99"]
        assert set(measured[f"{side}_by_bare"]) == {"ms_p50", "ms_p99", "cpu_ms"}
    # Beside the starts themselves: the batch, and the look into the archive that runs ahead of it.
    assert measured["batch"]["most_tasks"]["highest"] <= STARTS_AT_ONCE + 2
    assert measured["batch_by_bare"]["orders_per_second"] > 0
