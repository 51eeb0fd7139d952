"""``python -m tests.fuzz``: thousands of calls by the OpenAPI document, on a stack of its own.

Prints what Schemathesis says. Exit code 0 if every call was answered as the document says, and they
were as many as promised; 1 otherwise.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.fuzz.fuzzing import SEED, fuzz
from tests.support.http_door import open_door

CASES = 2_000


def main() -> int:
    """Call the door; return the exit code."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=40, help="cases of a call, about")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cases", type=int, default=CASES, help="how many there have to be")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name, open_door(Path(name) / "s") as door:
        options = ("--max-examples", str(args.examples), "--phases", args.phases)
        fuzzed = fuzz(door, Path(name), *options, of_each=4, seed=args.seed)
    answers = ", ".join(f"{count} by {status}" for status, count in sorted(fuzzed.statuses.items()))
    sys.stdout.write(f"{fuzzed.said}\n{fuzzed.cases} calls were answered: {answers}\n")
    return 0 if fuzzed.code == 0 and fuzzed.cases >= args.cases and fuzzed.are_answers else 1


if __name__ == "__main__":
    sys.exit(main())
