"""How a command ends: exit codes that scripts can trust, and errors in one sentence.

The one place that turns an error into words and an exit code. What a person at a terminal can do
about it is added here, because it differs from door to door.
"""

from enum import IntEnum

from temporalio.service import RPCError

from config import SettingsError
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
    TemporalGone: "start one with 'make dev' or set TEMPORAL_ADDRESS",
    NoWorker: "start one with 'make dev' or 'python worker.py'",
    BucketUnreachable: "start the local stack with 'make dev' or set S3_ENDPOINT_URL",
    DatabaseUnreachable: "start that database or set DATABASE_URL",
    RunNotFound: "'starter.py list' shows all",
    RunCodeFails: "'starter.py list --stuck' says why",
}


def sentence(error: Exception) -> str:
    """Return what went wrong, and what to do about it where a terminal helps."""
    if isinstance(error, RPCError):
        error = service_error(error)
    advice = next((_ADVICE[kind] for kind in type(error).__mro__ if kind in _ADVICE), "")
    words = error.message if isinstance(error, SettingsError) else str(error)
    return f"{words}; {advice}" if advice else words


def faults_of(error: Exception) -> tuple[str, ...]:
    """Return a sentence for each of the settings that cannot be used, where there are several."""
    return error.faults if isinstance(error, SettingsError) else ()


def exit_code(error: Exception) -> ExitCode:
    """Return the exit code that says what kind of error it was."""
    if isinstance(error, Unreachable | RPCError):
        return ExitCode.UNREACHABLE
    return ExitCode.RUN_FAILED if isinstance(error, Failed) else ExitCode.BAD_INPUT
