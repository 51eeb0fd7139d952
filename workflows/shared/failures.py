"""What a failed activity says, as type and in words."""

from temporalio.exceptions import ActivityError, ApplicationError


def error_type(failure: BaseException) -> str | None:
    """Return the name of the provider's error, or of the time limit that ran out."""
    cause = _cause(failure)
    return cause.type if isinstance(cause, ApplicationError) else type(cause).__name__


def reason_of(failure: BaseException) -> str:
    """Return the last error of a step in words."""
    cause = _cause(failure)
    return getattr(cause, "message", None) or str(cause)


def _cause(failure: BaseException) -> BaseException:
    return failure.cause or failure if isinstance(failure, ActivityError) else failure
