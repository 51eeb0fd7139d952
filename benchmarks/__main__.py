"""All rows of ``docs/performance.md``, one after the other: ``python -m benchmarks``.

Each row is a command of its own, so that what one leaves in memory cannot slow down the next.
Their lines of JSON go to stdout and, with ``--save FILE``, to a file. A row that fails does not
keep the others from being measured; exits with 1 then.
"""

import argparse
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from config import ROOT

ROWS = ("orders", "start", "receipts", "recovery", "costs", "growth", "footprint")
"""Modules of this package, each a row."""


def main(arguments: list[str] | None = None) -> int:
    """Measure every row; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure all rows.")
    parser.add_argument("--save", type=Path, metavar="FILE", help="for the lines of JSON as well")
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
