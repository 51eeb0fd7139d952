"""Block connections beyond this machine, and share slow servers between files of tests.

Parts of a stack that are our programs are forks of one process that has imported them; as real
interpreters ``python -m sandbox dev`` starts them, in tests/sandbox.
"""

import gc
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

from sandbox.processes import ProcessGroup
from tests.support.warm import spawn_warm

if TYPE_CHECKING:
    from tests.support.postgres import RealPostgres

SHARING = {
    "orders beside one stack": [
        *("bare_ids", "bare_starts", "ended_from_outside", "exit_codes", "forgotten_orders"),
        *("listing_runs", "order_batches", "plain_signals", "private_files", "starter_orders"),
    ],
    "receipts beside one stack": [
        *("demo_scenario", "exports", "logged_at_terminal", "races", "starter_currencies"),
        *("starter_documents", "starter_expense", "starter_receipts", "starter_review"),
        *("traces", "trying_again", "watched_folder"),
    ],
    "the desk beside one stack": [
        *("desk_orders", "desk_pages", "desk_receipts", "desk_sign_in", "hostile_texts", "names"),
    ],
    "the HTTP API beside one stack": [
        *("events", "orders", "receipts", "parts_away", "killed", "openapi"),
    ],
    "workflows beside one dev server": [
        *("local_steps", "order_archive", "order_cancel_late", "order_ended_before"),
        *("order_reset", "receipt_review"),
    ],
    "pictures read by one engine": ["rapid_ocr", "document_reader"],
    "records in one PostgreSQL": [
        *("sql_access", "sql_duplicates", "sql_edits", "sql_merchants", "sql_orders"),
        *("sql_records", "postgres_urls", "migrations"),
    ],
    # The first needs books without a finding, and leaves an order that owes something.
    "hostile input beside one stack": ["server_states", "stuck_runs", "bad_files"],
}
"""Files that one process runs in this order, because what they share takes seconds to start; and
these first. Not all in one, which would keep a process busy when the others have nothing left."""

_FILE = re.compile(
    r"tests/(?:end_to_end|hostile|web|workflows|providers/ocr|providers/records)/test_(\w+)\.py"
)
_PLACES = {name: place for place, name in enumerate(itertools.chain(*SHARING.values()))}


class _Scheduling(LoadFileScheduling):  # type: ignore[misc] # xdist ships no types
    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        name = _name_of_sharing(file)
        return next((shared for shared, names in SHARING.items() if name in names), file)


def _name_of_sharing(file: str) -> str:
    found = _FILE.fullmatch(file)
    return found[1] if found else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the files that share a stack to the front, as they take the longest."""
    items.sort(
        key=lambda item: _PLACES.get(_name_of_sharing(item.nodeid.partition("::")[0]), len(_PLACES))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Return how ``--dist loadfile`` hands out the tests."""
    return _Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the options of pytest-socket, which reads them next, so that it blocks other hosts.

    Without a fake, a test would call a real provider.
    """
    config.option.allow_hosts = "127.0.0.1,::1,localhost"
    config.option.allow_unix_socket = True
    # What is imported now stays. Looking through it for garbage takes a tenth of the collection.
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage again, as warnings about what a test has left open come from that."""
    # Not in what has been imported: each look through that would take a tenth of a second.
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _parts_are_forks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ProcessGroup, "spawn", spawn_warm)
        yield


@pytest.fixture(scope="session")
def postgres() -> "Iterator[RealPostgres]":
    """Yield the one PostgreSQL of this process."""
    from tests.support.postgres import real_postgres

    with real_postgres() as server:
        yield server
