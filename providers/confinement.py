"""What a confined child process gets from its parent, which is no secrets, and how it may end.

A library that opens what strangers sent may be made to run their code. It must find no key there.
"""

import contextlib
import os
import signal
import subprocess

CRASHES = (
    *(signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS),
    *(signal.SIGFPE, signal.SIGILL, signal.SIGTRAP),
)
"""Signals of a process that crashed by itself, as libraries in C do when they get no memory."""

_PASSED = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "SYSTEMROOT"),
)


def bare_environment() -> dict[str, str]:
    """Return the variables of ours that a Python process needs to start, and no others."""
    return {name: os.environ[name] for name in _PASSED if name in os.environ}


def stopped(process: subprocess.Popen[bytes]) -> int:
    """End a process that is kept, and return its exit code."""
    process.kill()
    code = process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    return code
