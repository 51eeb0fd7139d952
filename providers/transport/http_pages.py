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
    query, ends = {"limit": str(PAGE_ROWS)}, PageEnds(f"GET {path}")
    listing = Listing[row]  # type: ignore[valid-type] # pydantic's model, known when this runs
    while True:
        listed = await api.send("GET", path, listing, query=query)
        yield listed.data
        if not listed.has_more or not listed.data:
            return
        query["starting_after"] = ends.next(id_of(listed.data[-1]))


class PageEnds:
    """The last row of each page so far: one that comes again would have us read for ever."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: set[str] = set()

    def next(self, last: str) -> str:
        """Return the row after which the next page begins; raise UnexpectedAnswer."""
        if last in self._seen:
            raise UnexpectedAnswer(
                f"{self._where} ignores starting_after or repeats itself, and says there is more"
            )
        self._seen.add(last)
        return last
