"""Real servers that several provider tests talk to, all on loopback and on free ports."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

S3_KEY_ID, S3_SECRET = "test-key", "test-secret"


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the S3 server that the local stack uses too: rclone on an empty folder."""
    rclone = Path(sys.executable).with_name("rclone")
    folder = tmp_path_factory.mktemp("s3")
    command = [str(rclone), "serve", "s3", str(folder), "--addr", "127.0.0.1:0", "--config", ""]
    environment = os.environ | {"RCLONE_AUTH_KEY": f'"{S3_KEY_ID},{S3_SECRET}"'}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            yield next(
                found[0] for line in server.stderr if (found := re.search(r"http://[\d.:]+", line))
            )
        finally:
            server.terminate()
