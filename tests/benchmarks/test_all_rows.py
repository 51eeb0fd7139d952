import json
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks

ROW = 'import sys; sys.stdout.write(\'{{"row": "{name}"}}\\n\'); sys.exit({code})'


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows, of which the first fails after its measurement."""
    package = tmp_path / "benchmarks"
    package.mkdir()
    for name, code in (("slow", 1), ("fast", 0)):
        (package / f"{name}.py").write_text(ROW.format(name=name, code=code))
    monkeypatch.setattr(benchmarks, "ROOT", tmp_path)
    monkeypatch.setattr(benchmarks, "ROWS", ("slow", "fast"))


@pytest.mark.usefixtures("rows")
def test_every_row_is_measured_and_a_failed_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "rows.jsonl"

    assert benchmarks.main(["--save", str(saved)]) == 1

    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line["row"] for line in lines] == ["slow", "fast"]
    assert saved.read_text() == printed.out
    assert "slow failed with exit code 1" in printed.err
    assert "fast failed" not in printed.err
