"""The log as JSON lines: each says what it is about, and none has a secret."""

import dataclasses
import json
import logging
from typing import Any

from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.attempts import attempt
from config import Settings
from observability.logs import JsonLines

KEY = "a-key-that-nobody-may-see"
SETTINGS = Settings(log_format="json", provider_api_key=SecretStr(KEY))


class Lines(logging.Handler):
    """Keeps what is logged, as a worker would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines(SETTINGS))
        self.objects: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        assert "\n" not in line
        self.objects.append(json.loads(line))


def logged(name: str) -> tuple[logging.Logger, Lines]:
    logger, lines = logging.getLogger(name), Lines()
    logger.handlers = [lines]
    logger.setLevel(logging.INFO)
    return logger, lines


async def test_a_line_of_an_activity_names_its_run_whoever_writes_it() -> None:
    logger, lines = logged("activities")

    async def call() -> None:
        logger.info("a provider says\nsomething")

    async def step() -> None:
        await attempt(call())

    env = ActivityEnvironment()
    env.info = dataclasses.replace(
        env.info, activity_type="charge_payment", attempt=3, workflow_id="order-7"
    )
    await env.run(step)

    about = {
        "workflow_id": "order-7",
        "run_id": env.info.workflow_run_id,
        "activity": "charge_payment",
        "attempt": 3,
    }
    said, ended = lines.objects
    assert said["message"] == "a provider says\nsomething"
    assert ended["message"].startswith("done after ")
    for line in lines.objects:
        assert about.items() <= line.items()
        assert (line["level"], line["logger"]) == ("info", "activities")


def test_no_line_has_a_key_not_even_in_a_traceback() -> None:
    logger, lines = logged("leaking")
    logger.info("sent with %s", KEY)
    try:
        raise ValueError(f"refused: {KEY}")
    except ValueError:
        logger.exception("it failed")

    first, second = lines.objects
    assert first["message"] == "sent with ***"
    assert "refused: ***" in second["error"]
    assert KEY not in json.dumps(lines.objects)
