"""Commands on access keys: make one, list them, revoke them."""

import argparse

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from models import AccessKey, Role
from service.access.keys import add_key, list_keys, revoke_key
from service.access.records import opened_access
from workflows import wording


async def add(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Make a key and print it, once; alone on stdout, so that a script can keep it."""
    async with opened_access(settings) as access:
        new = await add_key(access.keys, args.name, Role(args.role))
    text = new.text.get_secret_value()
    output.result({"name": new.key.name, "role": new.key.role, "key": text, "id": new.key.id}, text)
    output.note(
        f"this is the key of {new.key.name}, who may {new.key.role}; it is shown only now, so keep "
        f"it; 'starter.py keys revoke {new.key.id}' ends it"
    )
    return ExitCode.DONE


async def list_all(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """List all keys, oldest first, never their secrets."""
    async with opened_access(settings) as access:
        keys = await list_keys(access.keys)
    for key in keys:
        output.result(key.model_dump(mode="json"), _row(key))
    revoked = sum(key.revoked_at is not None for key in keys)
    output.note(f"{len(keys)} key{'' if len(keys) == 1 else 's'}, {revoked} of them revoked")
    return ExitCode.DONE


async def revoke(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Revoke all keys of a name, or one."""
    async with opened_access(settings) as access:
        keys = await revoke_key(access.keys, args.name_or_id)
    for key in keys:
        output.result(key.model_dump(mode="json"), _row(key))
    return ExitCode.DONE


def _row(key: AccessKey) -> str:
    since = f"revoked {wording.moment(key.revoked_at)}" if key.revoked_at else "in use"
    made = f"since {wording.moment(key.created_at)}"
    return f"{key.id}  {key.role:<7}  {key.name:<12}  {made}  {since}"
