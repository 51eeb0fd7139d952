import json

import pytest

from benchmarks import spike


def test_every_order_of_a_spike_is_taken_once_also_those_that_the_server_sent_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "set anew by what is tested")

    assert spike.main(["--orders=24", "--connections=8", "--at-once=2"]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    measured = json.loads(line)
    assert set(measured["answers"]) == {"202", "503"}
    assert sum(measured["answers"].values()) == 24
    assert measured["posted_again"] == measured["answers"]["503"]
    assert (measured["lost"], measured["twice"], measured["unexpected"]) == (0, 0, 0)
    memory = measured["server_rss_mb"]
    assert 0 < memory["before"] <= memory["half"] <= memory["peak"]
