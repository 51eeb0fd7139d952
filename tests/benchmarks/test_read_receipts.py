import json
from pathlib import Path

import pytest

from benchmarks import read_receipts
from config import Settings
from models import ReceiptText
from providers.errors import NotAnImage
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

RECEIPT = printed(
    *("ORCHID TRADING SDN BHD", "12, JALAN BUNGA", "Date: 14/03/2024"),
    *("Tea | 4.50", "TOTAL RM | 4.50", "CASH | 10.00", "CHANGE | 5.50"),
)
WITHOUT_TOTAL = printed("ORCHID TRADING SDN BHD", "Date: 14/03/2024")


class ReaderByContent:
    """A ``TextReader`` whose text depends on the file's content."""

    def __init__(self, _: Settings) -> None: ...

    def read(self, image: bytes) -> ReceiptText:
        texts = {b"clear": RECEIPT, b"no total": WITHOUT_TOTAL}
        if image not in texts:
            raise NotAnImage("the header of the JPEG file cannot be read")
        return texts[image]


async def line_of(file: Path) -> dict[str, object]:
    reader = ReaderByContent(Settings())
    return await read_receipts.read_one(file, reader, RulesParser(Settings()))


async def test_a_line_says_what_was_read_and_whether_a_person_is_asked(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"clear")
    line = await line_of(tmp_path / "1.jpg")
    assert isinstance(line.pop("seconds"), float)
    assert line == {
        "file": "1.jpg",
        "merchant": "ORCHID TRADING SDN BHD",
        "date": "2024-03-14",
        "total": "4.50",
        "currency": "MYR",
        "accepted": True,
        "doubts": [],
        "unconfirmed": None,
    }


async def test_without_a_total_the_rest_is_said_and_a_person_is_asked(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"no total")
    line = await line_of(tmp_path / "1.jpg")
    assert (line["merchant"], line["total"]) == ("ORCHID TRADING SDN BHD", None)
    assert line["accepted"] is False


def test_a_bad_file_is_a_line_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(read_receipts, "text_reader", ReaderByContent)
    for name, content in {"1.jpg": b"clear", "2.png": b"bad", "3.JPEG": b"clear"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "4.jpg").mkdir()
    (tmp_path / "truth.json").write_text("{}")
    assert read_receipts.main([str(tmp_path)]) == 0
    output = capsys.readouterr()
    lines = [json.loads(line) for line in output.out.splitlines()]
    assert [(line["file"], line["accepted"]) for line in lines] == [
        ("1.jpg", True),
        ("2.png", False),
        ("3.JPEG", True),
        ("4.jpg", False),
    ]
    assert lines[1]["error"] == "the header of the JPEG file cannot be read"
    assert output.err.count("\n") == 4


def test_a_folder_without_receipts_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_receipts.main([str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
