import json

import pytest

from benchmarks.rig.comparison import Sample, in_turns, percentile, ratio, report, summary


def test_a_summary_gives_median_and_spread_of_each_figure() -> None:
    rounds = [
        {"rate": 10.0, "ms": 3.0},
        {"rate": 40.0, "ms": 1.0},
        {"rate": 12.0, "ms": 2.00004},
    ]

    assert summary(rounds) == {
        "rate": {"median": 12.0, "lowest": 10.0, "highest": 40.0},
        "ms": {"median": 2.0, "lowest": 1.0, "highest": 3.0},
    }


def test_a_ratio_compares_what_was_measured_in_the_same_round() -> None:
    # In the last round the machine was four times slower, for both sides.
    samples = {
        "ours": [{"rate": 110.0}, {"rate": 90.0}, {"rate": 25.0}],
        "theirs": [{"rate": 100.0}, {"rate": 100.0}, {"rate": 25.0}],
    }

    assert ratio(samples, "ours", "theirs", "rate") == 1.0


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_every_percentile_of_one_value_is_that_value() -> None:
    assert {percentile([7.0], share) for share in (0.0, 0.5, 0.99)} == {7.0}


async def test_sides_take_turns(capsys: pytest.CaptureFixture[str]) -> None:
    measured: list[str] = []

    async def measure(side: str) -> Sample:
        measured.append(side)
        return {"turn": float(len(measured))}

    samples = await in_turns(["a", "b"], 2, measure)

    assert measured == ["a", "b", "a", "b"]
    assert samples == {"a": [{"turn": 1.0}, {"turn": 3.0}], "b": [{"turn": 2.0}, {"turn": 4.0}]}
    assert "round 2 of 2, b: turn 4" in capsys.readouterr().err


def test_a_report_is_one_line_that_names_its_row_and_its_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report("orders", {"a_by_b": {"rate": 1.1}})

    (line,) = capsys.readouterr().out.splitlines()
    reported = json.loads(line)
    assert reported["row"] == "orders"
    assert reported["a_by_b"] == {"rate": 1.1}
    assert {"cpus", "python"} <= set(reported)
