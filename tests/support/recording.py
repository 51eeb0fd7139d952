"""What the recording of histories has in common: scenarios under other names, clean content."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.pipelines import Pipelines, Run

Scenario = Callable[[Pipelines], Awaitable[Run]]


def recorded_anew(name: str, scenario: Scenario) -> Scenario:
    """Return a scenario under another name, for what its path has had since then."""

    async def play(pipelines: Pipelines) -> Run:
        return await scenario(pipelines)

    play.__name__ = name
    return play


def without_stack_traces(content: Any) -> Any:
    """Return the content without stack traces, which name local folders and replay ignores."""
    if isinstance(content, dict):
        return {
            name: without_stack_traces(value)
            for name, value in content.items()
            if name != "stackTrace"
        }
    if isinstance(content, list):
        return [without_stack_traces(value) for value in content]
    return content
