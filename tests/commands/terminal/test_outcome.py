"""Every error becomes one sentence and one exit code, in one place."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from commands.terminal.outcome import ExitCode, exit_code, sentence, worst
from config import Settings, SettingsError
from service.errors import (
    BadInput,
    BucketUnreachable,
    DatabaseUnreachable,
    Failed,
    Fault,
    NotFound,
    NoWorker,
    Refused,
    RunCodeFails,
    RunNotFound,
    ServiceError,
    TemporalBusy,
    TemporalGone,
    Unreachable,
    WrongFields,
)

SANDBOX = Settings(environment="sandbox")
PRODUCTION = Settings(environment="production")


def every_error() -> list[type[ServiceError]]:
    kinds = [ServiceError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return kinds


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("x"), ExitCode.BAD_INPUT),
        (NotFound("x"), ExitCode.BAD_INPUT),
        (Refused("x"), ExitCode.BAD_INPUT),
        (SettingsError("x"), ExitCode.BAD_INPUT),
        (Failed("x"), ExitCode.RUN_FAILED),
        (RunCodeFails("x"), ExitCode.RUN_FAILED),
        (Unreachable("x"), ExitCode.UNREACHABLE),
        (TemporalBusy("x"), ExitCode.UNREACHABLE),
        (RPCError("x", RPCStatusCode.PERMISSION_DENIED, b""), ExitCode.UNREACHABLE),
    ],
)
def test_a_script_can_tell_kinds_of_errors_apart(error: Exception, code: ExitCode) -> None:
    assert exit_code(error) is code


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (TemporalGone("no answer"), "TEMPORAL_ADDRESS"),
        (NoWorker("no answer"), "worker.py"),
        (BucketUnreachable("no answer"), "S3_ENDPOINT_URL"),
        (DatabaseUnreachable("no answer"), "DATABASE_URL"),
        (DatabaseUnreachable("permission denied for table action_log"), "use a role"),
        (RunNotFound("no answer"), "starter.py list"),
        (RunCodeFails("no answer"), "list --stuck"),
    ],
)
def test_what_a_person_at_a_terminal_can_do_is_said(error: Exception, advice: str) -> None:
    assert sentence(error, SANDBOX).startswith(f"{error}; ")
    assert advice in sentence(error, SANDBOX)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (TemporalGone("no answer"), "check TEMPORAL_ADDRESS"),
        (NoWorker("no answer"), "python worker.py"),
        (BucketUnreachable("no answer"), "check S3_ENDPOINT_URL"),
    ],
)
@pytest.mark.parametrize("settings", [PRODUCTION, None])
def test_nobody_is_told_to_start_the_sandbox_in_production(
    error: Exception, advice: str, settings: Settings | None
) -> None:
    said = sentence(error, settings)
    assert "make dev" not in said
    assert advice in said


def test_a_busy_server_is_not_told_to_be_started() -> None:
    assert sentence(TemporalBusy("Temporal takes no more"), SANDBOX) == "Temporal takes no more"


def test_every_error_has_a_sentence() -> None:
    # Elsewhere are errors of one request, which make their own words of what was given.
    for kind in (one for one in every_error() if one.__module__ == ServiceError.__module__):
        given = ([Fault(("total",), "it is none")],) if kind is WrongFields else ()
        assert sentence(kind("what is wrong", *given), SANDBOX).startswith("what is wrong")


def test_what_the_server_refuses_is_said_in_one_sentence() -> None:
    error = RPCError("Namespace nowhere is not found.", RPCStatusCode.NOT_FOUND, b"")
    said = sentence(error, SANDBOX)
    assert "Namespace nowhere is not found." in said
    assert "not_found" in said


def test_what_failed_tells_more_than_what_waits_for_a_person() -> None:
    assert worst() is ExitCode.DONE
    assert worst(ExitCode.DONE, ExitCode.IN_REVIEW) is ExitCode.IN_REVIEW
    assert worst(ExitCode.IN_REVIEW, ExitCode.RUN_FAILED) is ExitCode.RUN_FAILED
    assert worst(ExitCode.RUN_FAILED, ExitCode.UNREACHABLE) is ExitCode.UNREACHABLE
