"""Lists in pages: as many runs as asked for, and a cursor for the next page.

The cursor is Temporal's own, which sorts open runs before those that have ended: none is left out,
and only one that ends between two pages may be in both.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import Query
from temporalio.client import Client

from service.errors import BadInput
from service.runs.listing import list_page
from web.api.answers import Page, listed

MAX_ITEMS = 200

DIGEST_BYTES = 8
"""Of a cursor, by which it is recognised: against mistakes, not against whoever forges one."""

Limit = Annotated[int, Query(ge=1, le=MAX_ITEMS, description="Items of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="nextCursor of the page before.")
]


async def page_of(client: Client, query: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the runs of a visibility query; raise BadInput for a broken cursor."""
    runs, token = await list_page(client, query, limit, _token_of(cursor, query) if cursor else b"")
    following = urlsafe_b64encode(_digest(token, query) + token).decode() if token else None
    return Page(items=[listed(run) for run in runs], next_cursor=following)


def _token_of(cursor: str, query: str) -> bytes:
    """Return Temporal's token in a cursor; raise BadInput for one that is of no such list.

    Temporal itself says of another token only that something went wrong, after many tries.
    """
    try:
        decoded = urlsafe_b64decode(cursor)
    except ValueError:
        decoded = b""
    digest, token = decoded[:DIGEST_BYTES], decoded[DIGEST_BYTES:]
    if not token or digest != _digest(token, query):
        raise BadInput("cursor is not valid: it must be nextCursor of the page before")
    return token


def _digest(token: bytes, query: str) -> bytes:
    return hashlib.sha256(token + query.encode()).digest()[:DIGEST_BYTES]
