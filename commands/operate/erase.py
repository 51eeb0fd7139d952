"""The command ``erase``: say what there is of a person, and with ``--yes`` erase it."""

import argparse

from commands.doer import acting
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from service import values
from service.calls import connect
from service.erasure import Person, erase_person, find_person
from service.errors import BadInput

_KINDS = {
    "runs": ("run in Temporal", "deleted"),
    "pictures": ("picture", "deleted"),
    "shared_pictures": ("picture that somebody else submitted, too", "kept"),
    "expenses": ("expense", "deleted"),
    "orders": ("archived order as a customer", "kept without name and address"),
    "submitted_orders": ("archived order that they submitted", "kept without their name"),
    "actions": ("row of the log of actions", "kept without their name"),
    "access_keys": ("access key", "deleted"),
}
"""Of each count, what is counted and what becomes of it."""


async def erase(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Erase a user or customer; without ``--yes`` only say what that would do."""
    user_id = values.identifier(args.user, "--user")
    erased_by = values.short_text(args.by or settings.user_id, "--by")
    if erased_by == user_id:
        raise BadInput(
            f"--by is {user_id}, who is to be erased: the log must say who did it, so name another"
        )
    client = await connect(settings)
    person = await find_person(client, settings, user_id)
    is_known = any(person.counts().values())
    if args.yes and is_known:
        async with acting(erased_by, settings, output) as doer:
            await erase_person(client, settings, person, doer)
    output.result(
        {"user": user_id, "erased": bool(args.yes and is_known), **person.counts()},
        *(_lines(person) if is_known else [f"{user_id}: nothing is stored of them"]),
    )
    if is_known and not args.yes:
        output.note("nothing was erased: add --yes to do so; it cannot be undone")
    return ExitCode.DONE


def _lines(person: Person) -> list[str]:
    counts = {kind: number for kind, number in person.counts().items() if number}
    return [
        f"{person.user_id}:",
        *(f"  {number} x {_KINDS[kind][0]}: {_KINDS[kind][1]}" for kind, number in counts.items()),
    ]
