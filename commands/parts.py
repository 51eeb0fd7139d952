"""What each command uses: production asks for the settings of these parts, and of no others.

Whoever only approves orders at a terminal needs no key of the providers there.
"""

import argparse

from config import Settings
from environment import Part
from service.readiness.roles import Role, parts_of_role

RECORDS = frozenset({Part.RECORDS})
RUNS = RECORDS | {Part.TEMPORAL}
PICTURES = RUNS | {Part.BUCKET}

USED = {
    "listing:status": RUNS | {Part.PROVIDERS},  # which know whether an ended order owes anything
    "log:log": RECORDS,
    "operate.audit:audit": PICTURES | {Part.PROVIDERS},
    "operate.erase:erase": PICTURES,
    "operate.keys:add": RECORDS,
    "operate.keys:list_all": RECORDS,
    "operate.keys:revoke": RECORDS,
    "operate.migrate:migrate": RECORDS,
    "operate.replay:replay": frozenset({Part.TEMPORAL}),
    "operate.setup:setup": frozenset({Part.TEMPORAL}),
    "order:order": RUNS | {Part.TOKENS},
    "receipts.expense:delete": RECORDS,
    "receipts.expense:edit": RECORDS,
    "receipts.export:expenses": RECORDS,
    "receipts.receipt:receipt": PICTURES,
    "receipts.review:review": PICTURES,
    "receipts.show:show": PICTURES,
    "receipts.watch_folder:watch": PICTURES,
    "retry:retry": PICTURES | {Part.TOKENS, Part.PROVIDERS},
}
"""By the functions that commands run; all others use runs alone."""

ASK_THE_SCHEMA = frozenset({"operate.check:check", "operate.migrate:migrate"})
"""Commands that an older schema is no reason to refuse."""


def needs_schema(args: argparse.Namespace, settings: Settings) -> bool:
    """Tell whether a command can do nothing with a database whose schema is older."""
    return Part.RECORDS in parts_of(args, settings) and args.runs not in ASK_THE_SCHEMA


EVERYTHING = frozenset(Part)


def checked_parts(args: argparse.Namespace, settings: Settings) -> frozenset[Part]:
    """Return what ``check`` asks: all there is, or what a worker of a role uses."""
    if args.role is None:
        return EVERYTHING
    return frozenset(parts_of_role(Role(args.role), settings))


def parts_of(args: argparse.Namespace, settings: Settings) -> frozenset[Part]:
    """Return what a command uses."""
    if getattr(args, "histories", None) is not None:
        return frozenset()
    if args.runs == "operate.check:check":
        # A machine that no door is opened on needs no settings of one.
        return checked_parts(args, settings) - {Part.DOOR}
    used = USED.get(args.runs, RUNS)
    return used | {Part.BUCKET} if getattr(args, "format", None) == "zip" else used
