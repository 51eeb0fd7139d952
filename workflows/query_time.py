"""What time it is for whoever asks a run a question.

``workflow.now()`` is the time of the last event: an order that has waited for its approval all
day would say that it has run for a second.
"""

import datetime as dt

from temporalio import workflow


def time_of_query() -> dt.datetime:
    """Give the time in UTC, in a query only: nothing a query answers is ever replayed."""
    with workflow.unsafe.sandbox_unrestricted():
        clock = dt.datetime.now(dt.UTC)
    return max(clock, workflow.now())
