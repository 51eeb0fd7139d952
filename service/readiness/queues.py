"""The task queues that workers must serve, and those on which tasks may be left."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from temporalio.api.enums.v1 import TaskQueueType

from activities.metrics import PROVIDER_OF
from config import Settings
from settings.values import LIMITED_PROVIDERS, limits_in
from workflows.identity import ocr_task_queue, provider_task_queue

OCR = "ocr"
"""The provider that has a queue of its own also without a limit."""


Method = TypeVar("Method", bound=Callable[..., Any])


class Queue(NamedTuple):
    """A task queue, by one kind of its tasks."""

    name: str
    kind: TaskQueueType.ValueType
    tasks: str


def limits_of(settings: Settings) -> dict[str, float]:
    """Return how many attempts a second each provider with a limit may have."""
    return limits_in(settings.provider_limits)


def calling(provider: str, activities: Sequence[Method]) -> list[Method]:
    """Return those of the activities that call a provider."""
    return [one for one in activities if PROVIDER_OF.get(one.__name__) == provider]


def served_queues(settings: Settings) -> tuple[Queue, ...]:
    """Return what workers must serve; workflows come first, as their build is the current one."""
    queue = settings.task_queue
    return (
        Queue(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflows"),
        Queue(queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "activities"),
        *(
            _of_activities(settings, provider)
            for provider in limits_of(settings)
            if provider != OCR
        ),
        Queue(ocr_task_queue(queue), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "OCR"),
    )


def all_queues(settings: Settings) -> tuple[Queue, ...]:
    """Return also the queues of limits that are not set: tasks may be left of one that was."""
    served = served_queues(settings)
    others = (_of_activities(settings, provider) for provider in LIMITED_PROVIDERS)
    names = {queue.name for queue in served}
    return (*served, *(queue for queue in others if queue.name not in names))


def _of_activities(settings: Settings, provider: str) -> Queue:
    name = provider_task_queue(settings.task_queue, provider)
    return Queue(name, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, provider)
