"""The command that says of every part whether it can be used. Changes nothing."""

import argparse

from commands.parts import checked_parts
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from service.readiness.check import State, check_all

_PART_CHARACTERS = 18


async def check(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print one line a part; RUN_FAILED if one of them cannot be used."""
    found = await check_all(settings, checked_parts(args, settings))
    for one in found:
        said = one.words if one.state is State.OK else f"{one.state.upper()}: {one.words}"
        shown = f"ok, {said}" if one.state is State.OK else said
        output.result(
            {"part": one.part, "state": one.state, "words": one.words},
            f"{one.part:<{_PART_CHARACTERS}} {shown}",
        )
    wrong = sum(one.state is not State.OK for one in found)
    output.note(f"{len(found)} parts, {wrong or 'none'} of them to be mended")
    return ExitCode.RUN_FAILED if wrong else ExitCode.DONE
