"""A log of calls and their outcomes, which survives the kill of the process that writes it.

Without it a test could not tell whether a crash made OCR or the parser run again.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Call:
    """One event of one call: ``event`` is began, ended or failed."""

    what: str
    workflow_id: str
    attempt: int
    event: str
    error: str = ""


class CallLog:
    """Lines of JSON in one file; only whole lines are appended."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.touch()

    def add(self, call: Call) -> None:
        """Append one line; when this returns, the line survives a kill of the process."""
        line = json.dumps(asdict(call)) + "\n"
        log = os.open(self._file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(log, line.encode())
        finally:
            os.close(log)

    def of(self, workflow_id: str) -> list[Call]:
        """Return all calls of one run, oldest first."""
        lines = self._file.read_text().splitlines()
        calls = (Call(**json.loads(line)) for line in lines)
        return [call for call in calls if call.workflow_id == workflow_id]
