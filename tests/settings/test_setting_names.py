"""Names that are no settings, where somebody meant one: told in the sandbox, refused beyond."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import server
from commands.terminal.outcome import ExitCode
from config import Settings
from service.readiness.roles import Role
from settings.names import misspelt, misspelt_names
from starter import build_parser, run
from tests.support.production import all_faults, forget_settings, set_all
from worker import checked_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Return what sets variables; none of the developer's own count."""
    return forget_settings(monkeypatch, tmp_path)


def told(environment: str, file: str = "") -> list[str]:
    """Return what is said of variables, each set to something."""
    variables, lines = (dict.fromkeys(names.lower().split(), "x") for names in (environment, file))
    return misspelt(variables, lines, Settings.model_fields)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASE_URLS", "DATABASE_URL"),
        ("DATABSAE_URL", "DATABASE_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("ENVIROMENT", "ENVIRONMENT"),
        ("TOKEN_ENCRYPTION_KEY", "TOKEN_ENCRYPTION_KEYS"),
        ("PROVIDER_APIKEY", "PROVIDER_API_KEY"),
        ("STMP_PASSWORD_FILE", "SMTP_PASSWORD_FILE"),
        ("SMTP_USERNAME_FILE", "SMTP_USERNAME"),
    ],
)
def test_a_slip_is_named_wherever_it_is(typed: str, meant: str) -> None:
    expected = [f"{typed} is no setting; {meant} is"]
    assert told(typed) == expected
    assert told("", typed) == expected


@pytest.mark.parametrize(
    "others",
    [
        "HOME PATH SERVER_PORT_8080_TCP SMTP_SERVER HTTP_HOST PORT",
        "USER_UID USER_GID",  # with fewer letters a slip is no proof
        "DATABASE_URI DATABASE_URL",  # the right one is there: the other is somebody else's
        " ".join(name.upper() for name in Settings.model_fields),
        "DATABASE_URL_FILE OIDC_CLIENT_SECRET_FILE",
    ],
)
def test_other_programs_variables_are_theirs(others: str) -> None:
    assert told(others) == []


def test_in_the_env_file_every_name_must_be_known() -> None:
    file = "SHOP_COLOUR TEMPORAL_ADDRESS AWS_PROFILE OTEL_SERVICE_NAME OPENAI_ORG_ID SMTP_HOST"
    assert told("", file) == ["SHOP_COLOUR in .env is no setting"]
    assert told("SHOP_COLOUR") == []


def test_a_line_that_is_no_setting_may_be_a_secret_and_is_not_shown() -> None:
    assert told("", "hush!hush hush/hush") == ["a line of .env is no setting: lines are NAME=value"]


def test_both_places_are_read(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("DATABSE_URL", "x")
    (tmp_path / ".env").write_text("MAIL_FORM=shop@shop.example\nSTATE_DIR=.state\n")

    assert misspelt_names(Settings) == [
        "DATABSE_URL is no setting; DATABASE_URL is",
        "MAIL_FORM is no setting; MAIL_FROM is",
    ]


async def test_the_sandbox_warns_of_them(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environment.setenv("STATE_DIR", str(tmp_path))
    environment.setenv("DATABSE_URL", "postgresql://db/records")

    code = await run(build_parser().parse_args(["keys", "list"]))

    warning = "warning: DATABSE_URL is no setting; DATABASE_URL is\n"
    assert (code, capsys.readouterr().err[: len(warning)]) == (ExitCode.DONE, warning)


@pytest.mark.parametrize("checked", [server.checked_settings, partial(checked_settings, Role.ALL)])
def test_so_do_the_other_processes(
    environment: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    checked: Callable[[], Settings],
) -> None:
    environment.setenv("DATABSE_URL", "postgresql://db/records")

    checked()

    assert caplog.messages == ["DATABSE_URL is no setting; DATABASE_URL is"]


def test_production_refuses_them(environment: pytest.MonkeyPatch) -> None:
    set_all(environment, SMTP_PROT="465", SMTP_PORT=None)

    assert all_faults() == ["SMTP_PROT is no setting; SMTP_PORT is"]
