"""The command that migrates the database, and what refuses all others until somebody has."""

import argparse

from commands.parts import needs_schema
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from service.readiness import schema


async def migrate(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Migrate, and say from where to where; a newer schema stays as it is."""
    before = await schema.migrate(settings)
    reached = before.newest if before.is_older else before.found
    if before.is_older:
        was = before.found or "none"
        words = f"{before.where}: schema {was} -> {reached}"
    elif before.is_newer:
        words = f"{before}; nothing was done"
    else:
        words = f"{before.where}: schema {reached}, nothing to do"
    output.result({"database": before.where, "from": before.found, "to": reached}, words)
    return ExitCode.DONE


async def refuse_older_schema(args: argparse.Namespace, settings: Settings, output: Output) -> None:
    """Raise SettingsError if a command needs a newer schema than the database has."""
    if needs_schema(args, settings):
        newer = await schema.require_schema(settings)
        if newer is not None:
            output.warning(newer)
