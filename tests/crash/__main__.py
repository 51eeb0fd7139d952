"""``python -m tests.crash [ONLY]``: run the crash matrix, print it, write docs/crash-matrix.md.

ONLY is part of a case's name, VICTIM/MOMENT/STEP, such as keys/effect or stripe; with it the
document is not changed.
Exit code 0 if every case ended as it would without a crash, 1 otherwise.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from config import ROOT
from tests.crash.arena import open_arena
from tests.crash.cases import Case, all_cases
from tests.crash.matrix import Outcome, run_matrix
from tests.crash.table import document, table

DOCUMENT = ROOT / "docs" / "crash-matrix.md"


def main() -> int:
    """Run the matrix; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="such as worker/effect or /charge")
    only = parser.parse_args().only
    chosen = [case for case in all_cases() if only in case.name]
    sensible = [case for case in chosen if case.why_not() is None]
    if not sensible:
        for case in chosen:
            _say(f"skip {case.name}: {case.why_not()}")
        return 1
    # The cases report what was killed; do not log every broken connection as well.
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crash-", ignore_cleanup_errors=True) as folder:
        outcomes = asyncio.run(_run(Path(folder), sensible))
    seconds = time.monotonic() - began
    _say("\n" + table(outcomes))
    bad = [outcome for outcome in outcomes if outcome.problems]
    _say(f"\n{len(outcomes)} cases in {seconds:.0f} s, {len(bad)} not as they must be")
    if not only:
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(document(outcomes, seconds))
    return 1 if bad else 0


async def _run(folder: Path, cases: list[Case]) -> list[Outcome]:
    async with open_arena(folder) as arena:
        return await run_matrix(arena, cases, _tell)


def _tell(outcome: Outcome) -> None:
    mark = "BAD " if outcome.problems else "ok  "
    _say(f"{mark} {outcome.case.name:<48} {outcome.seconds:5.1f} s  {outcome.words}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
