"""The log: each line of JSON says what it is about, and neither that nor text has a secret."""

import dataclasses
import io
import json
import logging
from typing import Any, Literal

import pytest
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.attempts import attempt
from config import Settings
from observability.logs import JsonLines, set_up_logging
from observability.masking import Masking

KEY = "a-key-that-nobody-may-see"
URL = "postgresql://ada:db%2Dsecret@127.0.0.1/records?password=query-secret"
SETTINGS = Settings(log_format="json", provider_api_key=SecretStr(KEY))


class Lines(logging.Handler):
    """Keeps what is logged, as a worker would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines(Masking(SETTINGS)))
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


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_line_has_a_password_of_the_database_or_the_key_of_temporal(
    monkeypatch: pytest.MonkeyPatch, log_format: Literal["text", "json"]
) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    settings = SETTINGS.model_copy(update={"log_format": log_format, "database_url": URL})
    monkeypatch.setenv("TEMPORAL_API_KEY", "temporal-secret")
    set_up_logging(settings)

    logging.getLogger("driver").error(
        "no connection to %s as db-secret, query-secret, temporal-secret\nnor %s", URL, KEY
    )

    written = out.getvalue()
    assert "no connection to postgresql://ada:***@" in written
    assert "secret" not in written
    assert KEY not in written
    if log_format == "text":
        assert written.startswith("ERROR ")
        assert written.endswith("***, ***, ***\n    nor ***\n"), "a traceback keeps its lines"


def test_each_of_several_keys_is_masked() -> None:
    keys = (
        "b3VyIG93biBzZWNyZXQga2V5IGZvciBwcm9kdWN0aW8=,bG9jYWwtc2FuZGJveC1rZXktbm90LWZvci1wcm9kdWM="
    )
    settings = Settings(token_encryption_keys=SecretStr(keys))
    newest, older = keys.split(",")

    assert Masking(settings).masked(f"{older} and {newest}") == "*** and ***"


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("abcdef", "defghi", "as abcdefghi."),
        ("abcdefghi", "abcd", "as abcdefghi."),
        ("abab", "other", "as ababab."),
    ],
)
def test_nothing_is_left_of_secrets_that_overlap(first: str, second: str, words: str) -> None:
    settings = Settings(provider_api_key=SecretStr(first), openai_api_key=SecretStr(second))
    assert Masking(settings).masked(words) == "as ***."


def test_a_key_is_masked_also_without_its_name() -> None:
    payload_key = "A" * 43 + "="
    settings = Settings(
        payload_encryption_keys=SecretStr(f"2026:{payload_key}"),
        otel_exporter_otlp_headers=SecretStr("authorization=Bearer%20a%2Fb-cd,x-team=shop-7"),
    )
    said = f"no use for {payload_key}, for Bearer a/b-cd, a/b-cd and shop-7"
    assert Masking(settings).masked(said) == "no use for ***, for ***, *** and ***"


def test_what_somebody_else_says_begins_no_line_of_a_text_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    set_up_logging(SETTINGS.model_copy(update={"log_format": "text"}))
    logger = logging.getLogger("driver")
    forged = "refused\nINFO all is well\r\x1b[2J\u2028INFO again"

    logger.error("%s", forged)
    try:
        raise ValueError(forged)
    except ValueError:
        logger.exception("it failed")

    lines = out.getvalue().splitlines()
    assert [line for line in lines if not line.startswith("    ")] == [
        "ERROR refused",
        "ERROR it failed",
    ]
    assert lines[1] == "    INFO all is well\\r\\x1b[2J\\u2028INFO again"
