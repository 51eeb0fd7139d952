"""What our processes write is their user's alone: it holds names, amounts and addresses."""

import re
import stat
from pathlib import Path

import pytest

from tests.support.terminal import Terminal

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def test_a_terminal_writes_what_nobody_else_can_read(shop: Terminal, tmp_path: Path) -> None:
    written, database = tmp_path / "expenses.csv", tmp_path / "new" / "expenses.db"

    answer = shop.starter(
        *("expenses", "--format", "csv", "--output", str(written)),
        DATABASE_URL=f"sqlite:///{database}",
    )

    assert answer.code == 0, answer
    modes = {path: path.stat().st_mode for path in (written, database, database.parent)}
    assert {path: mode for path, mode in modes.items() if mode & OPEN_TO_OTHERS} == {}


@pytest.mark.parametrize("part", ["worker", "provider-api", "mailbox"])
def test_so_does_each_part(shop: Terminal, part: str) -> None:
    assert umask_of(shop.stack.pid(part)) == "0077"


def test_so_does_the_http_door(shop: Terminal) -> None:
    shop.stack.start_server()
    try:
        assert umask_of(shop.stack.pid("server")) == "0077"
    finally:
        shop.stack.terminate("server")


def umask_of(process: int) -> str:
    """Return the umask of a process, in octal digits."""
    (line,) = re.findall(r"^Umask:\s*(\d+)$", Path(f"/proc/{process}/status").read_text(), re.M)
    return str(line)
