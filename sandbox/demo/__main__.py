"""``python -m sandbox.demo``: play the scenario on a stack and a worker that are up.

Exit codes: 0 every case ended as expected; 1 one did not; 2 a setting is wrong; 3 Temporal
could not be reached; 130 interrupted.
"""

import argparse
import asyncio
import logging
import sys

from commands.terminal.outcome import EXPECTED, ExitCode, exit_code, sentence
from commands.terminal.output import Output
from lifecycle import leave
from sandbox.demo.scenario import run_scenario
from sandbox.settings import sandbox_settings
from service.calls import connect


async def play(output: Output) -> ExitCode:
    """Play every case at once and compare each outcome with the expected one."""
    # What the SDK retries on the way is no news; what comes of it is said below, in one line.
    logging.getLogger("temporalio").addHandler(logging.NullHandler())
    settings = None
    try:
        settings = sandbox_settings()
        client = await connect(settings)
        as_expected = await run_scenario(client, settings, output)
    except EXPECTED as error:
        output.error(sentence(error, settings))
        return exit_code(error)
    return ExitCode.DONE if as_expected else ExitCode.RUN_FAILED


def main() -> int:
    """Play the scenario and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    args = parser.parse_args()
    try:
        return asyncio.run(play(Output(as_json=args.json)))
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; what was started goes on\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        return ExitCode.DONE


if __name__ == "__main__":
    try:
        code = main()
    except SystemExit as usage:  # argparse has said what is wrong
        code = usage.code if isinstance(usage.code, int) else ExitCode.BAD_INPUT
    leave(code)
