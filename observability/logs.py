"""The log, as text or as JSON, one object a line, for those who search it by run and not by eye.

Each line of JSON says what it is about: within an activity or a workflow its ids and the attempt,
whoever writes it, also a provider or a library. Values of our secrets are in neither.
"""

import datetime as dt
import json
import logging
import re
from typing import Any

from temporalio import activity, workflow

from config import Settings
from observability.masking import Masking

ATTEMPTS = "activities"
"""The logger of each attempt that ends; a text log, which people read, leaves it out."""

_IDS = ("workflow_id", "run_id", "attempt")


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal or a reader of lines obeys, but for a tab and the newline of a traceback."""

_NEXT_LINE = "\n    "


def set_up_logging(settings: Settings) -> None:
    """Write the log as LOG_FORMAT says; it must have been set up as text before."""
    masking = Masking(settings)
    if settings.log_format == "text":
        logging.getLogger(ATTEMPTS).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        if settings.log_format == "json":
            handler.setFormatter(JsonLines(masking))
        else:
            handler.setFormatter(_MaskedText(handler.formatter or logging.Formatter(), masking))


class _MaskedText(logging.Formatter):
    """Formats a record as another formatter does, without any secret.

    What it quotes of others begins no line of the log and does nothing to a terminal: a record's
    further lines, such as those of a traceback, are indented.
    """

    def __init__(self, formatter: logging.Formatter, masking: Masking) -> None:
        super().__init__()
        self._formatter = formatter
        self._masking = masking

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        said = self._masking.masked(self._formatter.format(record))
        return _CONTROL.sub(_escaped, said).replace("\n", _NEXT_LINE)


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object, without any secret."""

    def __init__(self, masking: Masking) -> None:
        super().__init__()
        self._masking = masking

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        said: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_about(record),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps({name: self._masked(value) for name, value in said.items()})

    def _masked(self, value: Any) -> Any:
        return self._masking.masked(value) if isinstance(value, str) else value


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _about(record: logging.LogRecord) -> dict[str, Any]:
    """Return the ids of the run and the activity in which the line is written."""
    if activity.in_activity():
        this = activity.info()
        return {
            "workflow_id": this.workflow_id,
            "run_id": this.workflow_run_id,
            "activity": this.activity_type,
            "attempt": this.attempt,
        }
    if workflow.in_workflow():
        run = workflow.info()
        return {"workflow_id": run.workflow_id, "run_id": run.run_id, "attempt": run.attempt}
    # What the SDK says of a task from outside of it.
    told = vars(record).get("temporal_activity") or vars(record).get("temporal_workflow") or {}
    about = {name: told[name] for name in _IDS if name in told}
    if "activity_type" in told:
        about["activity"] = told["activity_type"]
    return about
