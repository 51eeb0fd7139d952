"""How a command ends: exit codes that scripts can trust, and errors in one sentence."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    RUN_FAILED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    INTERRUPTED = 130  # what shells report of a command that Ctrl-C ended


class CommandError(Exception):
    """A command cannot go on; the message is the one sentence that a person reads."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.BAD_INPUT) -> None:
        super().__init__(message)
        self.exit_code = exit_code
