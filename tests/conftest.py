"""Block connections beyond this machine: without a fake, a test would call a real provider."""

import gc

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the options of pytest-socket, which reads them next, so that it blocks other hosts."""
    config.option.allow_hosts = "127.0.0.1,::1,localhost"
    config.option.allow_unix_socket = True
    # What is imported now stays. Looking through it for garbage takes a tenth of the collection.
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage again, as warnings about what a test has left open come from that."""
    # Not in what has been imported: each look through that would take a tenth of a second.
    gc.freeze()
    gc.enable()
