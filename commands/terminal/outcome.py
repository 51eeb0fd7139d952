"""How a command ends: exit codes that scripts can trust, and errors in one sentence.

The one place that turns an error into words and an exit code. What a person at a terminal can do
about it is added here, because it differs from door to door.
"""

from enum import IntEnum

from temporalio.service import RPCError

from config import Settings, SettingsError
from environment import advice_on_temporal, production_because
from service.calls import service_error
from service.errors import (
    BucketUnreachable,
    DatabaseUnreachable,
    Failed,
    NoWorker,
    RunCodeFails,
    RunNotFound,
    ServiceError,
    TemporalBusy,
    TemporalGone,
    Unreachable,
)


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    RUN_FAILED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    IN_REVIEW = 4
    INTERRUPTED = 130  # what shells report of a command that Ctrl-C ended


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code of several runs: what failed tells more than what waits for a person."""
    failed = [code for code in codes if code is not ExitCode.IN_REVIEW]
    return max(failed, default=ExitCode.DONE) or max(codes, default=ExitCode.DONE)


EXPECTED = (ServiceError, SettingsError, RPCError)
"""What a command may raise; anything else is a fault of the program."""

_ADVICE: dict[type[ServiceError], str] = {
    TemporalBusy: "",
    NoWorker: "see that a 'python worker.py' runs which serves it",
    BucketUnreachable: "check S3_ENDPOINT_URL, and whether this machine may reach it",
    DatabaseUnreachable: "start that database or set DATABASE_URL",
    RunNotFound: "'starter.py list' shows all",
    RunCodeFails: "'starter.py list --stuck' says why",
}

_ADVICE_IN_SANDBOX: dict[type[ServiceError], str] = {
    **_ADVICE,
    NoWorker: "start one with 'make dev' or 'python worker.py'",
    BucketUnreachable: "start the local stack with 'make dev' or set S3_ENDPOINT_URL",
}


def sentence(error: Exception, settings: Settings | None) -> str:
    """Return what went wrong, and what to do about it where a terminal helps.

    ``settings`` say whether a part of the sandbox may be what is missing; None if they cannot be
    read.
    """
    if isinstance(error, RPCError):
        error = service_error(error)
    advice = _advice(error, settings)
    words = error.message if isinstance(error, SettingsError) else str(error)
    return f"{words}; {advice}" if advice else words


def _advice(error: Exception, settings: Settings | None) -> str:
    if not isinstance(error, ServiceError):
        return ""  # settings that cannot be used do not say either whether this is the sandbox
    if isinstance(error, TemporalGone) and not isinstance(error, TemporalBusy):
        return advice_on_temporal(settings)
    if isinstance(error, DatabaseUnreachable) and error.lacks_rights:
        return "use a role that may do that: docs/production.md says what each needs"
    is_sandbox = settings is not None and production_because(settings) is None
    advice = _ADVICE_IN_SANDBOX if is_sandbox else _ADVICE
    return next((advice[kind] for kind in type(error).__mro__ if kind in advice), "")


def faults_of(error: Exception) -> tuple[str, ...]:
    """Return a sentence for each of the settings that cannot be used, where there are several."""
    return error.faults if isinstance(error, SettingsError) else ()


def exit_code(error: Exception) -> ExitCode:
    """Return the exit code that says what kind of error it was."""
    if isinstance(error, Unreachable | RPCError):
        return ExitCode.UNREACHABLE
    return ExitCode.RUN_FAILED if isinstance(error, Failed) else ExitCode.BAD_INPUT
