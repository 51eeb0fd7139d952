"""Folders of receipts: their files, and which of them are new and finished.

A file that is still being written would be submitted as what is there of it so far.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import BadInput

MOST_FILES = 10_000
STILL_SECONDS = 2.0
"""How long a file must not have changed before it is taken."""

UNFINISHED = frozenset({".part", ".partial", ".crdownload", ".download", ".tmp"})
"""Endings by which programs mark what they are still writing."""


@dataclass(frozen=True)
class Form:
    """What tells that a file is as it was, without reading it."""

    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def form_of(file: Path) -> Form | None:
    """Return a file's form; None if it is gone, or nothing that can be read to its end."""
    try:
        found = file.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Form(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder by name, without hidden and unfinished ones.

    Folders in it are left out. Raise BadInput if it cannot be read or has too many.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in _some(entries) if _may_be_receipt(entry)]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"{folder} cannot be read: {reason}") from None
    if len(names) > MOST_FILES:
        raise BadInput(f"{folder} has more than {MOST_FILES:,} files: move some elsewhere")
    return [folder / name for name in sorted(names)]


def _some(entries: Iterator["os.DirEntry[str]"]) -> Iterator["os.DirEntry[str]"]:
    """Yield no more entries than are needed to know that there are too many."""
    files = 0
    for entry in entries:
        yield entry
        files += entry.is_file()
        if files > 2 * MOST_FILES:
            return


def _may_be_receipt(entry: "os.DirEntry[str]") -> bool:
    is_unfinished = Path(entry.name).suffix.lower() in UNFINISHED
    return not entry.name.startswith(".") and not is_unfinished and entry.is_file()


class NewFiles:
    """The files of a folder that have come and are finished; each form of a file is new once."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._since: dict[Path, tuple[Form, float]] = {}
        self._done: dict[Path, Form] = {}

    def look(self) -> dict[Path, Form]:
        """Return the new files; those that are not ``settled`` are new at the next look, too.

        Raise BadInput as ``files_in``.
        """
        now = self._clock()
        since: dict[Path, tuple[Form, float]] = {}
        for file in files_in(self._folder):
            form = form_of(file)
            if form is None or form.size == 0:
                continue
            known, when = self._since.get(file, (form, now))
            since[file] = (form, when if known == form else now)
        self._since = since
        self._done = {file: form for file, form in self._done.items() if file in since}
        return {
            file: form
            for file, (form, when) in since.items()
            if now - when >= STILL_SECONDS and self._done.get(file) != form
        }

    def settle(self, file: Path, form: Form) -> None:
        """Note what has become of a file: it is not new again until it changes."""
        self._done[file] = form
