"""``python .ci/install.py LOCK EXPECTED [PIP_OPTION]...``: pip install, and say how far it is.

pip says nothing at all, or three lines a package; and nothing in any case while it unpacks,
which takes half of the time. A person who waits for minutes wants to know what for. EXPECTED
says in words how much it is and how long it takes; the packages are counted here.
"""

import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from pip._vendor.packaging.markers import Marker

LOG = Path(sys.prefix) / "install.log"
LOOK_SECONDS = 0.2
LINE_SECONDS = 5.0
"""Between two lines where there is no terminal, on which one line can change."""
LAST_LINES = 30

PIN = re.compile(r"^\w[^\s;]*(?: *; *([^\\\n]+?))? *(?:\\|--hash|$)", re.MULTILINE)
"""A package of a lock, and the marker that says where it is needed, if it has one."""
FETCHED = re.compile(
    r"^(?:Collecting|Processing|Requirement already satisfied:) (?:\S*/)?(.+?)(?:[=[ ]|-\d)",
    re.MULTILINE,
)
THERE = re.compile(r"^Requirement already satisfied: ", re.MULTILINE)


def main() -> int:
    """Install the lock and return pip's exit code."""
    lock, expected, *options = sys.argv[1:]
    pins = _needed_here(Path(lock).read_text(encoding="utf-8"))
    _say(f"installing {lock}, once: {pins} packages, {expected}\n")
    progress = Progress(pins)
    with LOG.open("wb") as log:
        pip = subprocess.Popen(  # noqa: S603 - what the Makefile says
            [
                *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check"),
                *("--require-hashes", "--progress-bar=off", *options, "-r", lock),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        while pip.poll() is None:
            time.sleep(LOOK_SECONDS)
            progress.show()
    except KeyboardInterrupt:  # pip has heard it, too
        pip.wait()
        return 130
    progress.end()
    if pip.returncode:
        last = LOG.read_text(errors="replace").splitlines(keepends=True)[-LAST_LINES:]
        sys.stderr.writelines([*last, f"pip failed; all that it said is in {LOG}\n"])
    return pip.returncode


def _needed_here(lock: str) -> int:
    """Count the packages of a lock, without those for other platforms and Pythons."""
    markers = [found[1] for found in PIN.finditer(lock)]
    return sum(marker is None or Marker(marker).evaluate() for marker in markers)


class Progress:
    """A counter: on a terminal one line that changes, elsewhere a line now and then."""

    def __init__(self, pins: int) -> None:
        self._pins = pins
        self._began = self._said = time.time()

    def show(self) -> None:
        """Look at what pip has said and done, and show how far it is."""
        said = LOG.read_text(errors="replace")
        total, fetched = self._pins, FETCHED.findall(said)
        if "\nInstalling collected packages" in said:
            line = f"  unpacked {len(THERE.findall(said)) + self._unpacked()} of {total}"
        elif fetched:
            line = f"  fetching {len(fetched)} of {total}: {fetched[-1]}"
        else:
            return
        if sys.stdout.isatty():
            _say(f"\r\x1b[K{line}")
        elif time.time() - self._said > LINE_SECONDS:
            _say(f"{line}\n")
            self._said = time.time()

    def end(self) -> None:
        """Say how long it took, in place of the counter."""
        _say("\r\x1b[K" if sys.stdout.isatty() else "")
        _say(f"  {time.time() - self._began:.0f} s\n")

    def _unpacked(self) -> int:
        """Count the packages whose last file was written: the list of their files."""
        records = Path(sysconfig.get_path("purelib")).glob("*.dist-info/RECORD")
        return sum(record.stat().st_mtime >= self._began for record in records)


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
