"""SQLite's full-text search, and the one step that is new; the others are steps of receipts."""

import asyncio
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from temporalio import activity

from activities.attempts import attempt
from activities.policies import ORDINARY, Policy, add_row, doubling
from models import EmailAddress, StoredObject
from providers.errors import ProviderUnavailable

#              activity     attempts limit beat waits        first     never retried
add_row(Policy("index_page",      10,   30,  10, doubling(1), ORDINARY, ()))  # fmt: skip

TABLE = "CREATE VIRTUAL TABLE IF NOT EXISTS pages USING fts5(title, page UNINDEXED, text)"
PUT = "INSERT OR REPLACE INTO pages (rowid, title, page, text) VALUES (?, ?, ?, ?)"
FIND = "SELECT title, page, snippet(pages, 2, '[', ']', '...', 9) FROM pages(?) ORDER BY rank"


class Document(StoredObject):
    """A stored file and whose it is; or one page of it, and the text that was read there."""

    title: str
    pages: int
    owner: EmailAddress
    text: str = ""


class PageIndex:
    """One row a page, however often it is written: document and page make the row's number."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @activity.defn
    async def index_page(self, page: Document) -> Document:
        """Make the text of one page searchable; return the page without it."""
        row = int.from_bytes(sha256(f"{page.object_key}:{page.page}".encode()).digest()[:7])
        await attempt(asyncio.to_thread(self._run, PUT, row, page.title, page.page, page.text))
        return page.model_copy(update={"text": ""})

    def search(self, words: str) -> list[tuple[str, int, str]]:
        """Return title, page and excerpt of each page that has all words, the best first."""
        return self._run(FIND, " ".join(f'"{word}"' for word in words.replace('"', '""').split()))

    def _run(self, statement: str, *values: object) -> list[tuple[str, int, str]]:
        try:
            with closing(sqlite3.connect(self._file)) as database, database:
                database.execute(TABLE)
                return database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise ProviderUnavailable(f"the index {self._file}: {error}") from error
