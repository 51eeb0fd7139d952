"""Which code a worker runs, so that one that was not deployed anew can be seen.

A worker puts this into its identity, which Temporal shows of whoever asks for tasks.
"""

import hashlib
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from config import ROOT

_FILES = ("bootstrap.py", "client.py", "config.py", "environment.py", "lifecycle.py", "worker.py")
_ROOMS = ("activities", "connection", "models", "providers", "settings", "workflows")
"""What decides how a worker works. What people type and see may differ."""

_CHARACTERS = 8
_IN_IDENTITY = re.compile(rf" code ([0-9a-f]{{{_CHARACTERS}}})$")


def code_digest() -> str:
    """Return what differs as soon as the code of a worker does."""
    digest = hashlib.sha256()
    for file in _files():
        digest.update(file.relative_to(ROOT).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_CHARACTERS]


def worker_identity() -> str:
    """Return the identity of this worker process: its id, its machine and its code."""
    return f"{os.getpid()}@{socket.gethostname()} code {code_digest()}"


def digest_in(identity: str) -> str | None:
    """Return the digest of a worker's code; None if its identity does not have it."""
    found = _IN_IDENTITY.search(identity)
    return found[1] if found else None


def _files() -> Iterator[Path]:
    yield from (ROOT / name for name in _FILES)
    for room in _ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
