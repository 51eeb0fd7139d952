"""What a query of Prometheus asks for: each metric, and its labels that must be there."""

import re
from dataclasses import dataclass

_METRIC = re.compile(r"\b((?:pipelines|temporal)_\w+)(?:\{([^}]*)\})?")
_MATCHED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")

OF_PROMETHEUS = {"instance", "job"}
"""Labels that Prometheus adds itself."""


@dataclass(frozen=True)
class Asked:
    """A metric, and the labels that a query expects of it."""

    metric: str
    labels: frozenset[str]


def asked_by(query: str) -> list[Asked]:
    """Return what a query needs; it has at least one metric."""
    grouped = {
        label.strip() for found in _GROUPED.findall(query) for label in found.split(",")
    } - OF_PROMETHEUS
    asked = [
        Asked(metric, frozenset(grouped | set(_MATCHED.findall(matched))))
        for metric, matched in _METRIC.findall(query)
    ]
    assert asked, query
    return asked
