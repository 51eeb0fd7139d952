"""Orders in files, one at a time, so that a file of a million is never held as a whole.

A file holds one order as a JSON object, or many as JSON Lines (https://jsonlines.org): one a line.
"""

import os
import stat
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from service.errors import BadInput
from service.orders.document import MAX_ORDER_BYTES

STANDARD_INPUT = "-"
JSON_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class OrderDocument:
    """What should be an order, and where it was found: ``orders.jsonl line 17``."""

    source: str
    text: bytes


def read_orders(files: Sequence[str]) -> Iterator[OrderDocument | BadInput]:
    """Yield one document after the other, or the reason why it cannot be an order.

    Blank lines between orders are none; an empty file is a document that is no order.
    """
    for file in files:
        try:
            with _open(file) as stream:
                yield from _documents(file, stream)
        except OSError as error:
            yield BadInput(f"cannot read {file!r}: {error.strerror}")


def total_bytes(files: Sequence[str]) -> int | None:
    """Return the size of all files; None if one has none, such as a pipe, or cannot be read."""
    total = 0
    for file in files:
        try:
            status = os.fstat(sys.stdin.fileno()) if file == STANDARD_INPUT else Path(file).stat()
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


def _open(file: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == STANDARD_INPUT else Path(file).open("rb")


def _documents(file: str, stream: BinaryIO) -> Iterator[OrderDocument | BadInput]:
    source = "standard input" if file == STANDARD_INPUT else file
    first = stream.readline(MAX_ORDER_BYTES + 1)
    if _is_one_a_line(file, first):
        yield from _lines(source, first, stream)
        return
    text = first + stream.read(MAX_ORDER_BYTES + 1 - len(first))
    yield OrderDocument(source, text) if len(text) <= MAX_ORDER_BYTES else _too_long(repr(file))


def _is_one_a_line(file: str, first: bytes) -> bool:
    """Whether the file says so, or its first line opens and closes as an order does.

    It need not be an order: a bad first line must not stop those below it.
    """
    line = first.removeprefix(BOM_UTF8).strip()
    opens_and_closes = line.startswith(b"{") and line.count(b"{") == line.count(b"}")
    return file.endswith(JSON_LINES) or opens_and_closes


def _lines(file: str, first: bytes, stream: BinaryIO) -> Iterator[OrderDocument | BadInput]:
    number, line = 1, first
    while line:
        if len(line) > MAX_ORDER_BYTES:
            yield _too_long(f"{file} line {number}")
            while line and not line.endswith(b"\n"):  # what is left of it
                line = stream.readline(MAX_ORDER_BYTES)
        elif not line.isspace():
            yield OrderDocument(f"{file} line {number}", line)
        number, line = number + 1, stream.readline(MAX_ORDER_BYTES + 1)


def _too_long(source: str) -> BadInput:
    return BadInput(f"{source} has more than {MAX_ORDER_BYTES} bytes: that is no order")
