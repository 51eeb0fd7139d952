"""Production asks each process for the settings that it uses, and for no others."""

import importlib
import os
from pathlib import Path

import pytest

import server
import worker
from commands.parts import USED
from commands.terminal.outcome import ExitCode
from config import SettingsError
from service.readiness.roles import Role
from starter import build_parser, run
from tests.support.production import forget_settings, named
from tests.support.warm import run_warm

OF_WORKERS = {
    *("DATABASE_URL", "MAIL_FROM", "PROVIDER_API_KEY", "PROVIDER_API_URL", "SMTP_HOST"),
    *("TEMPORAL_ADDRESS", "TOKEN_ENCRYPTION_KEYS"),
}
OF_BUCKET = {"S3_ACCESS_KEY_ID", "S3_ENDPOINT_URL", "S3_SECRET_ACCESS_KEY"}
OF_DOOR = {"SERVER_SESSION_KEY", "SERVER_URL"}
OF_MAIL = {"MAIL_FROM", "SMTP_HOST"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Return what sets variables; none of the developer's own count."""
    return forget_settings(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    ("role", "parser", "expected"),
    [
        ("all", "rules", OF_WORKERS | OF_BUCKET),
        ("workflows", "rules", OF_WORKERS),
        ("providers", "vision", OF_WORKERS | OF_BUCKET),
        ("ocr", "rules", OF_BUCKET | {"TEMPORAL_ADDRESS"}),
    ],
)
def test_a_worker_is_asked_for_what_its_role_uses(
    environment: pytest.MonkeyPatch, role: str, parser: str, expected: set[str]
) -> None:
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("RECEIPT_PARSER", parser)

    with pytest.raises(SettingsError) as refused:
        worker.checked_settings(Role(role))

    assert named(refused.value.faults) == expected


@pytest.mark.parametrize("tells", [True, False])
def test_the_server_is_asked_for_its_door_and_for_mail_if_it_tells_people(
    environment: pytest.MonkeyPatch, tells: bool
) -> None:
    environment.setenv("ENVIRONMENT", "production")
    if tells:
        environment.setenv("NOTIFY_APPROVERS", "boss@shop.example")

    with pytest.raises(SettingsError) as refused:
        server.checked_settings()

    asked = OF_WORKERS | OF_BUCKET | OF_DOOR
    assert named(refused.value.faults) == (asked if tells else asked - OF_MAIL)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("expenses", {"DATABASE_URL"}),
        ("expenses --format zip --output x.zip", {"DATABASE_URL", *OF_BUCKET}),
        ("keys list", {"DATABASE_URL"}),
        ("approve 7", {"DATABASE_URL", "TEMPORAL_ADDRESS"}),
        ("order x.json", {"DATABASE_URL", "TEMPORAL_ADDRESS", "TOKEN_ENCRYPTION_KEYS"}),
        ("receipt x.jpg", {"DATABASE_URL", "TEMPORAL_ADDRESS", *OF_BUCKET}),
        ("erase --user sam", {"DATABASE_URL", "TEMPORAL_ADDRESS", *OF_BUCKET}),
        ("status 7", {"DATABASE_URL", "TEMPORAL_ADDRESS", "PROVIDER_API_KEY", "PROVIDER_API_URL"}),
        ("retry 7", OF_WORKERS - OF_MAIL | OF_BUCKET),
    ],
)
async def test_a_command_is_asked_for_what_it_uses(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    expected: set[str],
) -> None:
    environment.setenv("ENVIRONMENT", "production")

    code = await run(build_parser().parse_args(command.split()))

    said = capsys.readouterr()
    first, *lines = said.err.splitlines()
    assert (code, said.out) == (ExitCode.BAD_INPUT, "")
    assert first == "error: ENVIRONMENT is production, and these settings are not fit for it:"
    assert {line.split()[0] for line in lines} == expected


@pytest.mark.parametrize("command", [("worker.py",), ("server.py",), ("starter.py", "list")])
def test_each_process_says_it_and_exits_with_2(command: tuple[str, ...], tmp_path: Path) -> None:
    surroundings = {**os.environ, "ENVIRONMENT": "production", "STATE_DIR": str(tmp_path)}

    code, out, err = run_warm(command, "", surroundings, 120)

    assert (code, out) == (2, "")
    first, *lines = err.splitlines()
    assert first.endswith("ENVIRONMENT is production, and these settings are not fit for it:")
    assert "  DATABASE_URL is unset: set postgresql://..." in lines


def test_every_command_that_is_listed_exists() -> None:
    for function in USED:
        module, name = function.split(":")
        assert hasattr(importlib.import_module(f"commands.{module}"), name)


def test_a_program_gets_a_list() -> None:
    surroundings = {**os.environ, "ENVIRONMENT": "production"}

    _, out, _ = run_warm(("starter.py", "keys", "list", "--json"), "", surroundings, 120)

    assert '"faults": ["DATABASE_URL is unset: set postgresql://..."]' in out
