"""Lists of any length from an API of the small HTTP contract, a page at a time.

A ledger grows for years, and whoever reads it as one answer needs memory for all of it one day.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from providers.errors import UnexpectedAnswer
from providers.transport.http_api import HttpApi, Listing, Row

PAGE_ROWS = 1_000
"""Rows that are asked for at a time."""


async def pages(
    api: HttpApi, path: str, row: type[Row], id_of: Callable[[Row], str]
) -> AsyncIterator[Sequence[Row]]:
    """Yield all rows of a path. An API that knows no pages answers with all rows at once.

    Raises what ``HttpApi.send`` raises, and UnexpectedAnswer for an API that promises more and
    repeats itself.
    """
    query, last = {"limit": str(PAGE_ROWS)}, ""
    while True:
        listed = await api.send("GET", path, Listing[row], query=query)  # type: ignore[valid-type]
        yield listed.data
        if not listed.has_more or not listed.data:
            return
        if id_of(listed.data[-1]) == last:
            raise UnexpectedAnswer(f"GET {path} ignores starting_after, and says there is more")
        last = id_of(listed.data[-1])
        query["starting_after"] = last
