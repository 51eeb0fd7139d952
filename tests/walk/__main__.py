"""``python -m tests.walk``: walk the road of docs/production.md, write docs/production-walk.md.

Exit code 0 if every command ended as the road says, 1 otherwise; then nothing is written.
"""

import sys
import tempfile
from pathlib import Path

from config import ROOT
from tests.walk.road import Road
from tests.walk.terminal import Transcript, WalkFailed

DOCUMENT = ROOT / "docs" / "production-walk.md"

OPENING = """\
# The road into production, walked

What `make walk` typed and what was answered: the steps of [production](production.md) with two
roles of PostgreSQL, a bucket of moto in another region, Temporal's dev server behind TLS with an
API key, and workers by role. Providers and mail are the sandbox's, with keys of their own. Ports,
folders and access keys are replaced by names; nothing else is.

**What this does not show**: the dev server looks at no API key; this PostgreSQL has no TLS; nothing
ran on a second machine, in a container or against Temporal Cloud."""


def main() -> int:
    """Walk; return the exit code."""
    transcript = Transcript()
    transcript.lines.append(OPENING)
    with tempfile.TemporaryDirectory(prefix="walk-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as a user of its own if we are root
        (folder / "pg").mkdir()
        try:
            Road(folder, transcript).walk()
        except WalkFailed as failed:
            sys.stderr.write(f"error: {failed}\n")
            return 1
    DOCUMENT.write_text("\n".join(transcript.lines).rstrip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
