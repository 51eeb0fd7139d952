"""The log as JSON, one object a line, for those who search it by run and not by eye.

Each line says what it is about: within an activity or a workflow its ids and the attempt, whoever
writes it, also a provider or a library. Values of our secrets are never in it.
"""

import datetime as dt
import json
import logging
from typing import Any

from pydantic import SecretStr
from temporalio import activity, workflow

from config import Settings

ATTEMPTS = "activities"
"""The logger of each attempt that ends; a text log, which people read, leaves it out."""

SHORTEST_SECRET = 6
"""A shorter value may be part of any word."""

_IDS = ("workflow_id", "run_id", "attempt")


def set_up_logging(settings: Settings) -> None:
    """Write the log as LOG_FORMAT says; it must have been set up as text before."""
    if settings.log_format == "text":
        logging.getLogger(ATTEMPTS).setLevel(logging.WARNING)
        return
    formatter = JsonLines(settings)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object, without any value of a secret setting."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._secrets = sorted(_secrets(settings), key=len, reverse=True)

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
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, "***")
        return value


def _secrets(settings: Settings) -> set[str]:
    values = (value for _, value in settings if isinstance(value, SecretStr))
    parts = {part.strip() for value in values for part in value.get_secret_value().split(",")}
    return {part for part in parts if len(part) >= SHORTEST_SECRET}


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
