"""What a command prints: sentences for a person, or one JSON object a line for a program.

Mixing the two would break every script that parses the output.
"""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from rich.console import Console


class Output:
    """Prints results to stdout, in words or as JSON; notes go to stderr in words only."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: Mapping[str, Any], words: str) -> None:
        """Print one result."""
        line = json.dumps(to_jsonable_python(data), ensure_ascii=False) if self.as_json else words
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def error(self, message: str, **context: Any) -> None:
        """Print one error: always in words on stderr, and as an object where JSON was asked for."""
        if self.as_json:
            self.result({**context, "error": message}, "")
        about = f"{': '.join(str(value) for value in context.values())}: " if context else ""
        sys.stderr.write(f"error: {about}{message}\n")
        sys.stderr.flush()

    @property
    def is_watched(self) -> bool:
        """Whether a person looks at a terminal that can show progress."""
        return not self.as_json and sys.stderr.isatty()

    def console(self) -> "Console":
        """Give the terminal for live displays; stdout stays free for results."""
        from rich.console import Console

        return Console(stderr=True)

    def note(self, words: str) -> None:
        """Tell a person something on the way."""
        if not self.as_json:
            sys.stderr.write(f"{words}\n")
            sys.stderr.flush()
