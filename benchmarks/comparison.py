"""Side by side in one run: A B A B, medians, spread, and the ratio, as one line of JSON.

Machines drift by a fifth from minute to minute, so a figure of its own says little; what is
measured in turns drifts alike.
"""

import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Sample = dict[str, float]
"""One round of one side: figures by name."""


async def in_turns(
    sides: Sequence[str], rounds: int, measure: Callable[[str], Awaitable[Sample]]
) -> dict[str, list[Sample]]:
    """Measure every side once a round, and say on stderr how far it is."""
    samples: dict[str, list[Sample]] = {side: [] for side in sides}
    for number in range(1, rounds + 1):
        for side in sides:
            samples[side].append(await measure(side))
            figures = ", ".join(f"{name} {value:g}" for name, value in samples[side][-1].items())
            sys.stderr.write(f"round {number} of {rounds}, {side}: {figures}\n")
    return samples


def summary(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Give the median, lowest and highest of each figure."""
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
    """Give the median over the rounds of one side's figure divided by the reference's."""
    return round(
        statistics.median(
            ours[figure] / theirs[figure]
            for ours, theirs in zip(samples[side], samples[reference], strict=True)
        ),
        3,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which this share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def report(row: str, result: dict[str, Any]) -> None:
    """Print one line of JSON, with the machine it was measured on."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    sys.stdout.write(json.dumps({"row": row, **result, **machine}) + "\n")
    sys.stdout.flush()
