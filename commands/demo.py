"""The command that runs the scenario of ``make demo`` on a stack and a worker that are up."""

import argparse

from commands.outcome import ExitCode
from commands.output import Output
from commands.runs import connect
from config import Settings


async def demo(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Run every case at once and compare each outcome with the expected one."""
    from sandbox.demo.scenario import run_scenario

    client = await connect(settings)
    as_expected = await run_scenario(client, settings, output)
    return ExitCode.DONE if as_expected else ExitCode.RUN_FAILED
