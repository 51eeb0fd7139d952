"""Real servers for several provider tests, all on loopback and on free ports."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from botocore.loaders import JSONFileLoader

from providers.records.sql import SqlRecords
from tests.support.postgres import RealPostgres

S3_KEY_ID, S3_SECRET = "test-key", "test-secret"

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body of an HTTP answer."""


@pytest.fixture(scope="session", autouse=True)
def _aws_described_once() -> Iterator[None]:
    """Read each of botocore's descriptions of services once, not for every client of every test."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of an S3 server: rclone on an empty folder, as in the local stack."""
    rclone = Path(sys.executable).with_name("rclone")
    folder = tmp_path_factory.mktemp("s3")
    command = [str(rclone), "serve", "s3", str(folder), "--addr", "127.0.0.1:0", "--config", ""]
    environment = os.environ | {"RCLONE_AUTH_KEY": f'"{S3_KEY_ID},{S3_SECRET}"'}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            address = next(
                found[0] for line in server.stderr if (found := re.search(r"http://[\d.:]+", line))
            )
            # Drain the pipe: if it were full, the server would block in the middle of a test.
            Thread(target=server.stderr.read, daemon=True).start()
            yield address
        finally:
            server.terminate()


@pytest.fixture
def answering() -> Iterator[Callable[[Answer], str]]:
    """Yield a function that starts a server with one answer for every request; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        status, headers, body = answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database: a file that is not there yet, and PostgreSQL, migrated."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'folder' / 'expenses.db'}"
        return
    server: RealPostgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
async def records(url: str) -> AsyncIterator[SqlRecords]:
    """Yield records in the empty database."""
    records = SqlRecords(url)
    yield records
    await records.close()
