"""The loss of a worker, in a process that goes on."""

from temporalio import activity


def lost_worker() -> BaseException:
    """Return what makes an attempt end without an answer, and without another heartbeat."""
    try:
        activity.raise_complete_async()
    except BaseException as lost:
        return lost
