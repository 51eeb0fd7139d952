"""Compare sides within one run, in turns (A B A B): medians, spread and ratio as a line of JSON.

A machine's speed drifts by a fifth from minute to minute, so a single figure says little. Sides
that are measured in turns drift together, so their ratio is reliable.
"""

import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Sample = dict[str, float]
"""The figures of one round of one side, by name."""


async def in_turns(
    sides: Sequence[str], rounds: int, measure: Callable[[str], Awaitable[Sample]]
) -> dict[str, list[Sample]]:
    """Measure every side once per round; return the samples by side. Progress goes to stderr."""
    samples: dict[str, list[Sample]] = {side: [] for side in sides}
    for number in range(1, rounds + 1):
        for side in sides:
            samples[side].append(await measure(side))
            figures = ", ".join(f"{name} {value:g}" for name, value in samples[side][-1].items())
            sys.stderr.write(f"round {number} of {rounds}, {side}: {figures}\n")
    return samples


def summary(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Return the median, lowest and highest value of each figure."""
    return {
        name: {
            "median": round(statistics.median(values), 3),
            "lowest": round(min(values), 3),
            "highest": round(max(values), 3),
        }
        for name in samples[0]
        for values in [[sample[name] for sample in samples]]
    }


def ratio(samples: dict[str, list[Sample]], side: str, reference: str, figure: str) -> float:
    """Return the median, over the rounds, of a side's figure divided by the reference's."""
    return round(
        statistics.median(
            ours[figure] / theirs[figure]
            for ours, theirs in zip(samples[side], samples[reference], strict=True)
        ),
        3,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which the given share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def report(row: str, result: dict[str, Any]) -> None:
    """Print a row as one line of JSON, with facts about the machine."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    sys.stdout.write(json.dumps({"row": row, **result, **machine}) + "\n")
    sys.stdout.flush()
