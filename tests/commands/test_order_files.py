"""Files of orders: whatever the file looks like, each order is found, with its position."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.order_files import OrderDocument, read_orders, total_bytes
from service.errors import BadInput
from service.orders.document import MAX_ORDER_BYTES

ORDER = {"order_id": "7", "items": [{"sku": "mug {blue}"}, {"sku": "cup"}]}
LINE = json.dumps(ORDER).encode()


def found(*files: Path) -> list[tuple[str, bytes]]:
    """Return the position and the text of each document; for an error, its message."""
    return [
        ("", str(document).encode())
        if isinstance(document, BadInput)
        else (document.source, document.text)
        for document in read_orders([str(file) for file in files])
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file whose name does not tell its format."""
    return tmp_path / "orders"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ORDER, indent=2).encode(),
        b'{"items": [{"sku": "mug"}\n]}',
        b'{"order_id":\n"7"}\n{"order_id": "8"}',
        b"[" + LINE + b"]",
        b"[" + LINE + b",\n" + LINE + b"]",
        b"no order\n" + LINE,
        b"",
    ],
    ids=["indented", "cut anywhere", "two indented", "list", "long list", "words", "empty"],
)
def test_a_file_without_an_order_per_line_is_one_document(file: Path, text: bytes) -> None:
    file.write_bytes(text)

    assert found(file) == [(str(file), text)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_each_line_is_a_document_and_blank_ones_only_count(
    file: Path, start: bytes, end: bytes
) -> None:
    file.write_bytes(start + LINE + end + end + b" \t" + end + b"{broken}" + end + LINE)

    assert found(file) == [
        (f"{file} line 1", start + LINE + end),
        (f"{file} line 4", b"{broken}" + end),
        (f"{file} line 5", LINE),
    ]


def test_a_first_line_that_is_no_order_hides_no_other(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b'{"order_id": 7x}\n' + LINE)
    named = tmp_path / "named.jsonl"
    named.write_bytes(b"order_id,customer\n" + LINE)

    assert [source for source, _ in found(file, named)] == [
        *(f"{file} line 1", f"{file} line 2"),
        *(f"{named} line 1", f"{named} line 2"),
    ]


@pytest.mark.parametrize("extra", [1, 2, MAX_ORDER_BYTES, 3 * MAX_ORDER_BYTES])
def test_a_line_that_is_too_long_is_named_and_those_below_it_are_found(
    file: Path, extra: int
) -> None:
    file.write_bytes(LINE + b"\n" + b"x" * (MAX_ORDER_BYTES + extra) + b"\n" + LINE + b"\n")

    assert found(file) == [
        (f"{file} line 1", LINE + b"\n"),
        ("", f"{file} line 2 has more than 262144 bytes: that is no order".encode()),
        (f"{file} line 3", LINE + b"\n"),
    ]


def test_a_document_that_is_too_long_and_a_file_that_is_not_there_stop_no_other(
    file: Path, tmp_path: Path
) -> None:
    long = tmp_path / "long.json"
    long.write_bytes(b"{\n" + b" " * MAX_ORDER_BYTES)
    missing = tmp_path / "missing.json"
    file.write_bytes(LINE)

    assert found(long, missing, file) == [
        ("", f"'{long}' has more than 262144 bytes: that is no order".encode()),
        ("", f"cannot read '{missing}': No such file or directory".encode()),
        (f"{file} line 1", LINE),
    ]


def test_nothing_is_read_before_it_is_asked_for(file: Path) -> None:
    file.write_bytes(LINE + b"\n")
    documents: Iterator[OrderDocument | BadInput] = read_orders([str(file)])

    assert next(documents) == OrderDocument(f"{file} line 1", LINE + b"\n")
    with file.open("ab") as more:
        more.write(b'{"order_id": "late"}\n')

    assert next(documents) == OrderDocument(f"{file} line 2", b'{"order_id": "late"}\n')


def test_standard_input_is_named_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE + b"\n" + LINE)))

    assert list(read_orders(["-", "-"])) == [
        OrderDocument("standard input line 1", LINE + b"\n"),
        OrderDocument("standard input line 2", LINE),
        OrderDocument("standard input", b""),
    ]


def test_the_size_of_all_is_known_only_of_files(file: Path, tmp_path: Path) -> None:
    file.write_bytes(LINE)

    assert total_bytes([str(file), str(file)]) == 2 * len(LINE)
    assert total_bytes([str(file), str(tmp_path)]) is None
    assert total_bytes([str(file), str(tmp_path / "missing")]) is None
