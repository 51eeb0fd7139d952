"""Measure all rows of ``docs/performance.md``, one after the other: ``python -m benchmarks``.

Each row runs in a process of its own, so that it cannot slow down the next one. The rows print
lines of JSON to stdout and, with ``--save FILE``, also to a file. If a row fails, the others are
still measured, and the exit code is 1.
"""

import argparse
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from config import ROOT

ROWS = ("orders", "start", "door", "receipts", "recovery", "costs", "growth", "footprint")
"""The modules of this package that measure a row each."""


def main(arguments: list[str] | None = None) -> int:
    """Measure every row; return the exit code, 1 if a row failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure all rows.")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="also write the lines of JSON here"
    )
    wanted = parser.parse_args(arguments)
    failed = []
    with ExitStack() as files:
        outputs = [sys.stdout]
        if wanted.save:
            outputs.append(files.enter_context(wanted.save.open("w", encoding="utf-8")))
        for row in ROWS:
            sys.stderr.write(f"{row}:\n")
            measured = subprocess.run(  # noqa: S603 - our own modules
                (sys.executable, "-m", f"benchmarks.{row}"),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
            for output in outputs:
                output.write(measured.stdout)
                output.flush()
            if measured.returncode:
                failed.append(row)
                sys.stderr.write(f"{row} failed with exit code {measured.returncode}\n")
    if failed:
        sys.stderr.write(f"failed, see above: {', '.join(failed)}\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
