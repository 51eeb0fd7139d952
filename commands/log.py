"""The command that shows what people did: the log of actions, newest first."""

import argparse
import json

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from models import ActionLogEntry
from service.access.log import entries_about
from service.access.records import opened_access
from workflows import wording


async def log(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print the rows about one run or expense, or the newest of all."""
    async with opened_access(settings) as access:
        rows = await entries_about(access.log, args.id, args.limit)
    for row in rows:
        output.result(row.model_dump(mode="json"), *in_words(row))
    about = "" if args.id is None else f" about {args.id}"
    output.note(f"{len(rows)} row{'' if len(rows) == 1 else 's'}{about}")
    return ExitCode.DONE


def in_words(row: ActionLogEntry) -> list[str]:
    """Return a row of the log as lines of a terminal."""
    return [
        f"{wording.moment(row.at)}  {row.who} through {row.channel}: {row.action} {row.subject}: "
        f"{' '.join(row.outcome.split())}",
        *(
            f"  {name:<6} {_values(value)}"
            for name, value in (("before", row.before), ("after", row.after))
            if value is not None
        ),
    ]


def _values(value: object) -> str:
    if isinstance(value, dict):
        known = {name: one for name, one in value.items() if one is not None}
        return ", ".join(f"{name} {_value(one)}" for name, one in known.items())
    return str(value)


def _value(value: object) -> str:
    """Return one value; in quotation marks if it could be taken for more than one."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if "," in text or '"' in text else text
