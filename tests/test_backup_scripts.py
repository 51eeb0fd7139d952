"""What examples/backup does with odd paths, parts that are none, and what an earlier try left."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from config import ROOT

SCRIPTS = ROOT / "examples/backup"


def run(script: str, *arguments: object, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run a script as an operator does."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ("/bin/sh", str(SCRIPTS / script), *map(str, arguments)),
        env={"PATH": path, **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def database_at(path: Path) -> Path:
    """Return a database with one row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE runs AS SELECT 'order-7' AS id")
    return path


def rows_of(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT id FROM runs").fetchall()


@pytest.mark.parametrize("name", ["a shop", "50% of #1?", "it's $HOME"])
def test_a_file_is_backed_up_and_restored_whatever_its_folder_is_called(
    tmp_path: Path, name: str
) -> None:
    source, saved = database_at(tmp_path / name / "temporal.db"), tmp_path / f"{name} saved"
    target = tmp_path / f"{name} again" / "temporal.db"

    done = run("backup.sh", saved, "temporal", TEMPORAL_DB=source)
    assert (done.returncode, done.stdout) == (0, "temporal: done\n"), done.stderr
    done = run("restore.sh", saved, "temporal", TEMPORAL_DB=target)
    assert (done.returncode, done.stdout) == (0, "temporal: done\n"), done.stderr
    assert rows_of(target) == [("order-7",)]


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
def test_a_part_that_is_none_is_no_command_to_run(tmp_path: Path, script: str) -> None:
    done = run(script, tmp_path / "saved", "temporal", "true", TEMPORAL_DB=tmp_path / "no.db")
    assert (done.returncode, done.stdout) == (2, "")
    said = "there is no part true: parts are temporal, records and bucket\n"
    assert done.stderr.endswith(said), "and nothing was done before"


def test_a_file_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    missing = tmp_path / "no.db"
    done = run("backup.sh", tmp_path / "saved", "temporal", TEMPORAL_DB=missing)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"backup: {missing}: unable to open database file\n"


@pytest.mark.parametrize("left", ["", "-wal", "-journal"])
def test_what_was_left_of_another_database_is_not_mixed_into_the_restored_one(
    tmp_path: Path, left: str
) -> None:
    saved, target = database_at(tmp_path / "saved/temporal.db").parent, tmp_path / "temporal.db"
    beside = Path(f"{target}{left}")
    beside.write_bytes(b"of before")

    done = run("restore.sh", saved, "temporal", TEMPORAL_DB=target)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"restore: {beside} is there already, and is not written over\n"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [beside.name]
