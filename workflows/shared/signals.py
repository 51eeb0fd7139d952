"""What a run was sent, read so that nothing anybody sends can hang it.

The SDK calls a workflow and its handlers with whatever came. A value too few or too many, as from
an empty form in the Temporal UI, would fail the workflow's task again and again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from temporalio.exceptions import ApplicationError

MAX_PROBLEMS = 5

Message = TypeVar("Message", bound=BaseModel)


@dataclass(frozen=True)
class Input(Generic[Message]):
    """What a run was started with, or a stand-in and why the input is none."""

    value: Message
    refusal: ApplicationError | None = None

    def require(self) -> None:
        """Raise what fails the run if its input is none.

        Not while the workflow is made: the SDK then leaves behind a coroutine that nobody awaits.
        """
        if self.refusal is not None:
            raise self.refusal


def input_of(
    stand_in: Message,
    given: tuple[object, ...],
    refusal: Callable[[Message], str | None] = lambda _: None,
) -> Input[Message]:
    """Read the input of a run, which is of the stand-in's kind; ``refusal`` may refuse it, too."""
    kind = type(stand_in)
    name = kind.model_config.get("title") or kind.__name__
    if len(given) != 1:
        words = f"one {name} is needed as input, not {len(given)} values"
        return Input(stand_in, ApplicationError(words, type=ValidationError.__name__))
    try:
        value = kind.model_validate(given[0])
    except ValidationError as misfit:
        words = f"the input is no {name}: {_in_words(misfit)}"
        return Input(stand_in, ApplicationError(words, type=ValidationError.__name__))
    if (reason := refusal(value)) is None:
        return Input(value)
    words = f"the input is no {name}: {reason}"
    return Input(value, ApplicationError(words, type=ValidationError.__name__))


def message_of(
    kind: type[Message], said: tuple[object, ...], drop: Callable[[str], None]
) -> Message | None:
    """Return the message that a signal carries; None, and ``drop`` is told why, if it has none."""
    if len(said) != 1:
        drop(f"one {kind.__name__} is needed, not {len(said)}")
        return None
    try:
        return kind.model_validate(said[0])
    except ValidationError as misfit:
        drop(f"no {kind.__name__}: {_in_words(misfit)}")
        return None


def update_of(kind: type[Message], said: tuple[object, ...], right: str) -> Message:
    """Return the message that an update carries; raise ApplicationError in one sentence if none.

    ``right`` is an example of what would be accepted, in JSON.
    """
    wrong: list[str] = []
    message = message_of(kind, said, wrong.append)
    if message is None:
        words = f"{wrong[0]}; right would be, for example, {right}"
        raise ApplicationError(words, type=ValidationError.__name__)
    return message


def _in_words(misfit: ValidationError) -> str:
    """Say what does not fit, without what was sent: it may be a secret, or very long."""
    problems = misfit.errors(include_input=False, include_url=False)[:MAX_PROBLEMS]
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, problem["loc"])), problem["msg"])))
        for problem in problems
    )
