"""What time it is for whoever asks a run a question.

``workflow.now()`` is the time of the last event: an order that has waited for its approval all
day would say that it has run for a second.
"""

import datetime as dt

from temporalio import workflow


def time_of_query() -> dt.datetime:
    """Return the time in UTC.

    Queries only: their results are never replayed, so the wall clock is safe.
    """
    with workflow.unsafe.sandbox_unrestricted():
        clock = dt.datetime.now(dt.UTC)
    return max(clock, workflow.now())
