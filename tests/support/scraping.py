"""What a process serves at its METRICS_PORT, as names, labels and values."""

import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sandbox.stack import free_ports

_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    """One line of a scrape."""

    name: str
    labels: dict[str, str]
    value: float


def scrape(*ports: int | None) -> list[Sample]:
    """Return all that is served at the ports of this machine."""
    return [sample for port in ports for sample in _samples(_text(port))]


def value_of(samples: list[Sample], name: str, **labels: str) -> float:
    """Return the sum of the samples of this name that have these labels; 0 if there is none."""
    return sum(
        sample.value
        for sample in samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def two_ports() -> int:
    """Return a free port whose next one is free, too."""
    while True:
        (port,) = free_ports(1)
        with suppress(OSError, OverflowError), socket.socket() as following:
            following.bind(("127.0.0.1", port + 1))
            return port


def _text(port: int | None) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def _samples(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            found = _SAMPLE.match(line)
            assert found, line
            labels = dict(_LABEL.findall(found["labels"] or ""))
            yield Sample(found["name"], labels, float(found["value"]))
