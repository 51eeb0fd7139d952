"""Lists in pages: as many runs as asked for, and a cursor for the next page.

The cursor is Temporal's own, which sorts open runs before those that have ended: none is left out,
and only one that ends between two pages may be in both.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import Query
from temporalio.client import Client

from service.errors import BadInput
from service.listing import list_page
from web.api.answers import Page, listed

MAX_ITEMS = 200

Limit = Annotated[int, Query(ge=1, le=MAX_ITEMS, description="Items of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="nextCursor of the page before.")
]


async def page_of(client: Client, query: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the runs of a visibility query; raise BadInput for a broken cursor."""
    runs, token = await list_page(client, query, limit, _token_of(cursor))
    return Page(
        items=[listed(run) for run in runs],
        next_cursor=urlsafe_b64encode(token).decode() if token else None,
    )


def _token_of(cursor: str | None) -> bytes:
    try:
        return urlsafe_b64decode(cursor or "")
    except ValueError:
        raise BadInput("cursor is not valid: it must be nextCursor of the page before") from None
