"""``python -m tests.resets [ONLY]``: run the reset matrix, print it, write docs/reset-matrix.md.

ONLY is part of a case's name, SITUATION/TASK/OPTION/AFTERWARDS; with it the document is not
changed. Exit code 0 if everything agrees after every reset, 1 otherwise.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from config import ROOT
from tests.resets.cases import cases_of
from tests.resets.checks import check
from tests.resets.matrix import Outcome, probe, run_matrix
from tests.resets.situations import SITUATIONS
from tests.resets.stage import open_stage
from tests.resets.table import document, table

DOCUMENT = ROOT / "docs" / "reset-matrix.md"


def main() -> int:
    """Run the matrix; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="such as order_paused or /rejected")
    only = parser.parse_args().only
    # Runs are cancelled and reset while they work; do not log every call that this breaks off.
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="resets-", ignore_cleanup_errors=True) as folder:
        outcomes, loose = asyncio.run(_run(Path(folder), only))
    seconds = time.monotonic() - began
    bad = [outcome for outcome in outcomes if outcome.problems]
    _say("\n" + table(outcomes) + "\n")
    for outcome in bad:
        _say(f"BAD  {outcome.case.name} ({outcome.workflow_id}): {outcome.words}")
    for words in loose:
        _say(f"BAD  {words}")
    _say(f"{len(outcomes)} resets in {seconds:.0f} s, {len(bad) + len(loose)} not as they must be")
    if not only:
        DOCUMENT.write_text(document(outcomes, loose, seconds))
    return 1 if bad or loose or not outcomes else 0


async def _run(folder: Path, only: str) -> tuple[list[Outcome], list[str]]:
    async with open_stage(folder) as stage:
        situation = only.partition("/")[0]
        probes = await probe(stage, [one for one in SITUATIONS if situation in one.name])
        cases = [case for one in probes for case in cases_of(one) if only in case.name]
        _say(f"{len(cases)} resets of {len(probes)} situations")
        outcomes = await run_matrix(stage, cases, _tell)
        return outcomes, await check(stage, outcomes)


def _tell(outcome: Outcome) -> None:
    if outcome.problems:
        _say(f"BAD  {outcome.case.name:<72} {outcome.words}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
