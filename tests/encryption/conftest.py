"""A dev server whose database is a file that a test may look into."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.pipelines import dev_server


@dataclass(frozen=True)
class FileServer:
    """A dev server, and the folder of its database."""

    address: str
    folder: Path

    def written(self) -> bytes:
        """Return all that the database holds, in whatever file it is by now."""
        return b"".join(file.read_bytes() for file in self.folder.iterdir() if file.is_file())


@pytest.fixture(scope="session")
def file_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    """Start the server, which takes a second, once."""
    folder = tmp_path_factory.mktemp("temporal")
    loop = asyncio.new_event_loop()
    server = dev_server(dev_server_database_filename=str(folder / "temporal.db"))
    env = loop.run_until_complete(server.__aenter__())
    yield FileServer(env.client.service_client.config.target_host, folder)
    loop.run_until_complete(server.__aexit__(None, None, None))
    loop.close()
