"""A folder is its files; one that is watched starts a run for each that comes, once."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal, eventually
from tests.support.warm import Command


def test_a_folder_is_its_files(shop: Terminal, tmp_path: Path) -> None:
    for name, total in (("a.pdf", 9_101), ("b.pdf", 9_102), ("same.pdf", 9_101)):
        (tmp_path / name).write_bytes(cafe_receipt(total))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()

    answer = shop.starter("receipt", str(tmp_path), "--user", "fay", "--json")

    assert answer.code == 2, answer
    runs = {Path(said["file"]).name: said for said in answer.objects}
    assert set(runs) == {"a.pdf", "b.pdf", "same.pdf", "notes.txt"}
    assert runs["a.pdf"]["workflow_id"] == runs["same.pdf"]["workflow_id"]
    assert "JPEG" in runs["notes.txt"]["error"]
    empty = shop.starter("receipt", str(tmp_path / "empty"), "--user", "fay")
    assert (empty.code, empty.out) == (2, "")
    assert "it is a folder without a file" in empty.err


def test_a_watched_folder_starts_each_file_once_also_after_a_restart(
    shop: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "first.pdf").write_bytes(cafe_receipt(9_201))
    watching = shop.begin("watch", str(tmp_path), "--user", "wes", "--json")
    first = said_by(watching, 1)
    assert (first["file"], first["joined"]) == (str(tmp_path / "first.pdf"), False)
    (tmp_path / "notes.txt").write_text("no picture")
    assert "JPEG" in said_by(watching, 2)["error"]
    shop.until(first["workflow_id"], status="completed")
    watching.send_signal(signal.SIGINT)
    ended = shop.finish(watching)
    assert (ended.code, len(ended.objects)) == (130, 2)
    assert "interrupted; what was started goes on" in ended.err

    (expense,) = shop.expenses("wes")
    assert shop.starter("expense", "delete", expense["expense_id"]).code == 0
    (tmp_path / "notes.txt").unlink()
    (tmp_path / "again.pdf").write_bytes(cafe_receipt(9_201))
    (tmp_path / "second.pdf").write_bytes(cafe_receipt(9_202))
    watching = shop.begin("watch", str(tmp_path), "--user", "wes", "--json")
    second = said_by(watching, 1)
    assert (second["file"], second["joined"]) == (str(tmp_path / "second.pdf"), False)
    shop.until(second["workflow_id"], status="completed")
    watching.send_signal(signal.SIGINT)
    assert (shop.finish(watching).code, len(shop.expenses("wes"))) == (130, 1)

    gone = shop.starter("watch", str(tmp_path / "missing"))
    assert (gone.code, gone.out) == (2, "")
    assert "missing cannot be read: No such file" in gone.err


def said_by(watching: Command, count: int) -> dict[str, Any]:
    """Wait until the watching command has printed so many objects; return the last."""
    lines = eventually(watching.printed, lambda printed: len(printed) >= count)
    found: dict[str, Any] = json.loads(lines[count - 1])
    return found
