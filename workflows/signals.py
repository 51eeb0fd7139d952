"""What a signal says, read so that nothing anybody sends can stop a run.

The SDK calls a handler with whatever came. A value too few or too many, as from an empty form in
the Temporal UI, would fail the workflow's task again and again, and the run would hang.
"""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow

Message = TypeVar("Message", bound=BaseModel)


def message_of(kind: type[Message], said: tuple[object, ...]) -> Message | None:
    """Return the message that a signal carries; None, and a warning in the log, if it has none."""
    if len(said) != 1:
        workflow.logger.warning(
            "signal dropped: one %s is needed, not %d", kind.__name__, len(said)
        )
        return None
    try:
        return kind.model_validate(said[0])
    except ValidationError as misfit:
        workflow.logger.warning("signal dropped: %s", misfit)
        return None
