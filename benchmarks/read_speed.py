"""Measure what reading a receipt costs beyond the OCR itself, and whether memory grows.

    python -m benchmarks.read_speed FOLDER [--receipts 500] [--warm-up 50]

Checks two claims: decoding, turning, grouping and parsing add at most a tenth to the time that the
OCR engine needs for the same picture in the same process; and a worker that has read many receipts
needs no more memory than after the first few. The receipts of the folder are read again and again,
as the activities read them, without Temporal. Prints one JSON object; seconds are means, memory is
the highest resident set so far, in MB.
"""

import argparse
import asyncio
import functools
import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.read_receipts import SUFFIXES, embedded, rules_parser
from bootstrap import text_reader
from config import Settings
from providers.errors import TotalNotFound
from providers.files.image_kinds import ACCEPTED
from providers.ocr import TextReader
from providers.receipt_parser import ReceiptParser

_ENGINE_CALLS = ("detect_and_crop", "cls_and_rotate", "recognize_txt")
_RSS_UNITS_PER_MB = 1 << 20 if sys.platform == "darwin" else 1 << 10
"""``ru_maxrss`` is in bytes on macOS, in KiB elsewhere."""


class Stopwatch:
    """Adds up the seconds that are spent in methods."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def on(self, owner: type, names: tuple[str, ...]) -> Iterator[None]:
        """Measure the time in these methods of a class until the block ends."""
        untimed = {name: getattr(owner, name) for name in names}
        for name, method in untimed.items():
            setattr(owner, name, self._timed(method))
        try:
            yield
        finally:
            for name, method in untimed.items():
                setattr(owner, name, method)

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def timed(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*args, **options)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def main(arguments: list[str] | None = None) -> int:
    """Read and measure; return the exit code, 2 if the folder has no receipt."""
    command = argparse.ArgumentParser(prog="read_speed", description=__doc__.split("\n")[0])
    command.add_argument("folder", type=Path, help="folder with receipts")
    command.add_argument("--receipts", type=int, default=500, help="how many to read in total")
    command.add_argument(
        "--warm-up", type=int, default=50, help="measure memory growth from this receipt on"
    )
    wanted = command.parse_args(arguments)
    files = sorted(f for f in wanted.folder.glob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        sys.stderr.write(f"{wanted.folder} has no {ACCEPTED} file\n")
        return 2
    sys.stdout.write(json.dumps(_measure(files, wanted.receipts, wanted.warm_up)) + "\n")
    return 0


def _measure(files: list[Path], receipts: int, warm_up: int) -> dict[str, float]:
    from rapidocr import RapidOCR

    settings = embedded(Settings())
    reader = text_reader(settings)
    parser = rules_parser(settings)
    _read(files[0], reader, parser)  # warm-up: the first reading also builds the engine's plans
    after_warm_up = _highest_memory_mb()
    reading, engine = 0.0, Stopwatch()
    with engine.on(RapidOCR, _ENGINE_CALLS):
        for number, file in enumerate(itertools.islice(itertools.cycle(files), receipts), start=1):
            started = time.perf_counter()
            _read(file, reader, parser)
            reading += time.perf_counter() - started
            if number == warm_up:
                after_warm_up = _highest_memory_mb()
    return {
        "receipts": receipts,
        "seconds_reading": round(reading / receipts, 3),
        "seconds_ocr": round(engine.seconds / receipts, 3),
        "reading_per_ocr": round(reading / engine.seconds, 3),
        f"memory_mb_after_{warm_up}": round(after_warm_up),
        f"memory_mb_after_{receipts}": round(_highest_memory_mb()),
        "memory_growth": round(_highest_memory_mb() / after_warm_up, 3),
    }


def _read(file: Path, reader: TextReader, parser: ReceiptParser) -> None:
    """Read one receipt as the activities do, and ignore the result."""
    text = reader.read(file.read_bytes())
    try:
        asyncio.run(parser.parse(text))
    except TotalNotFound:
        return


def _highest_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_UNITS_PER_MB


if __name__ == "__main__":
    sys.exit(main())
