"""What is said of an order that is to be changed, and that only the archive knows: it is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from config import Settings
from service.errors import NothingCounts, Refused, RunNotFound
from service.orders.archive import find_archived
from service.runs.find import cannot_be


@asynccontextmanager
async def archive_knows_end(settings: Settings, run_id: str, to_do: str) -> AsyncIterator[None]:
    """Look a run up in the archive if what is done here finds none in Temporal.

    Raise Refused with the end of the order if the archive knows it, and otherwise what was raised
    here; DatabaseUnreachable if it cannot be asked.
    """
    try:
        yield
    except (RunNotFound, NothingCounts):
        row = await find_archived(settings, run_id)
        if row is None:
            raise
        over = cannot_be(row.workflow_id, to_do, row.result.status)
        raise Refused(f"{over}, and Temporal has forgotten its run") from None
