"""What a command prints: sentences for a person, or one JSON object a line for a program.

Mixing the two would break every script that parses the output, and a file name or a merchant
that holds control characters would do to the terminal what it likes.
"""

import codecs
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from rich.console import Console


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that begin a line, move the cursor, colour, beep or turn the direction."""


class Output:
    """Prints results to stdout, in words or as JSON; notes go to stderr in words only.

    Where the log is JSON, all that goes to stderr is a line of it.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._logs_json = False
        encoding = codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name
        self._is_ascii_only = encoding != "utf-8"
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A file name that is not valid UTF-8 must not end a command with a traceback. The
                # escape that is written instead is valid in JSON too.
                stream.reconfigure(errors="backslashreplace")

    def log_as(self, log_format: str) -> None:
        """Write to stderr as LOG_FORMAT says, from now on."""
        self._logs_json = log_format == "json"

    def result(self, data: Mapping[str, Any], *lines: str) -> None:
        """Print one result; in words as these lines, and no more than these."""
        if self.as_json:
            line = json.dumps(to_jsonable_python(data), ensure_ascii=self._is_ascii_only)
        else:
            line = _written(lines)
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def error(self, message: str, *faults: str, **context: Any) -> None:
        """Print one error: always on stderr, and as an object where JSON was asked for.

        ``faults`` are what it consists of, a line each.
        """
        listed = {"faults": faults} if faults else {}
        if self.as_json:
            self.result({**context, "error": message, **listed})
        if self._logs_json:
            self._log("error", message, {**context, **listed})
            return
        named = [str(value) for value in context.values()]
        about = "".join(f"{name}: " for name in named if not message.startswith(f"{name} "))
        self._complain(f"error: {about}{message}{':' if faults else ''}")
        for fault in faults:
            self._complain(f"  {fault}")

    def _complain(self, words: str) -> None:
        sys.stderr.write(f"{one_line(words)}\n")
        sys.stderr.flush()

    def warning(self, message: str) -> None:
        """Print one warning on stderr, also where JSON was asked for."""
        if self._logs_json:
            self._log("warning", message, {})
            return
        self._complain(f"warning: {message}")

    def _log(self, level: str, message: str, about: Mapping[str, Any]) -> None:
        """Write a line with the names that lines of workers and servers have."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "level": level, "logger": "starter", "message": message, **about}
        sys.stderr.write(f"{json.dumps(to_jsonable_python(line))}\n")
        sys.stderr.flush()

    @property
    def is_watched(self) -> bool:
        """Whether a person looks at a terminal that can show progress."""
        return not self.as_json and not self._logs_json and sys.stderr.isatty()

    @property
    def shares_terminal(self) -> bool:
        """Whether results go to a terminal too: a live display must then print them for us.

        Where stdout is a file or a pipe it must not, or the results would end on stderr.
        """
        return sys.stdout.isatty()

    def console(self) -> "Console":
        """Return the terminal for live displays; stdout stays free for results."""
        from rich.console import Console

        return Console(stderr=True)

    def note(self, *lines: str) -> None:
        """Tell a person something while the command runs, in these lines."""
        if self._logs_json:
            self._log("info", " ".join(lines), {})
        elif not self.as_json:
            sys.stderr.write(f"{_written(lines)}\n")
            sys.stderr.flush()


def _written(lines: Sequence[str]) -> str:
    return "\n".join(map(one_line, lines))


def one_line(words: str) -> str:
    """Write control characters as escapes, so that no text of others begins a line."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), words)
