"""What a confined child process gets from its parent: no secrets.

A library that opens what strangers sent may be made to run their code. It must find no key there.
"""

import os

_PASSED = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "SYSTEMROOT"),
)


def bare_environment() -> dict[str, str]:
    """Return the variables of ours that a Python process needs to start, and no others."""
    return {name: os.environ[name] for name in _PASSED if name in os.environ}
