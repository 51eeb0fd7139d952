"""Which files of a folder are new: those that nobody writes any more, each once."""

import os
from pathlib import Path

import pytest

from commands.receipts import folder
from commands.receipts.folder import NewFiles, files_in
from service.errors import BadInput


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def names(new: NewFiles) -> list[str]:
    return [file.name for file in new.look()]


def test_hidden_and_unfinished_files_and_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("b.png", "a.PDF", ".hidden.png", "c.jpg.part", "d.crdownload"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")

    assert [file.name for file in files_in(tmp_path)] == ["a.PDF", "b.png"]


def test_a_folder_that_is_none_or_has_too_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        files_in(tmp_path / "missing")
    monkeypatch.setattr(folder, "MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(BadInput, match="has more than 2 files"):
        files_in(tmp_path)


def test_a_file_is_new_once_nobody_writes_it_any_more(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "scan.png"
    new = NewFiles(tmp_path, clock)
    file.touch()
    assert names(new) == []
    clock.now += 5
    assert names(new) == [], "an empty one never"
    file.write_text("half")
    assert names(new) == []
    clock.now += 1.5
    file.write_text("half and half")
    assert names(new) == []
    clock.now += 1.5
    assert names(new) == [], "it has changed since"
    clock.now += 0.5
    assert names(new) == ["scan.png"]
    assert names(new) == ["scan.png"], "nobody has taken it"

    (form,) = new.look().values()
    new.settle(file, form)
    assert names(new) == []
    file.write_text("another receipt")
    assert names(new) == []
    clock.now += 2
    assert names(new) == ["scan.png"]
    file.unlink()
    assert names(new) == []
