"""A log of what ran and how it went, which survives the kill of the process that writes it.

Without it nobody could say whether a crash made OCR or the parser run again.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Call:
    """One moment of one call: ``event`` is began, ended or failed."""

    what: str
    workflow_id: str
    attempt: int
    event: str
    error: str = ""


class CallLog:
    """Lines of JSON in one file, appended by whole lines."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.touch()

    def add(self, call: Call) -> None:
        """Append one line, which is on its way to the disk before this returns."""
        line = json.dumps(asdict(call)) + "\n"
        log = os.open(self._file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(log, line.encode())
        finally:
            os.close(log)

    def of(self, workflow_id: str) -> list[Call]:
        """Give all lines of one run, oldest first."""
        lines = self._file.read_text().splitlines()
        calls = (Call(**json.loads(line)) for line in lines)
        return [call for call in calls if call.workflow_id == workflow_id]
