"""Measured figures are written to the page unchanged, and the rest of the page stays."""

import json
from pathlib import Path

import pytest

from benchmarks.publish import BEGIN, END, PAGE, page_with, rows_of, tables_of

COSTS = {"row": "costs", "order": {"actions": 7, "events": 21, "bytes": 3845}, "cpus": 2}


def test_tables_take_the_place_of_the_old_ones_and_the_rest_stays() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert page_with(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="measured: begin"):
        page_with("no marks", "new")
    assert page_with(PAGE.read_text(encoding="utf-8"), "new")


def test_the_last_of_two_lines_of_a_row_counts(tmp_path: Path) -> None:
    file = tmp_path / "measured.jsonl"
    old = {**COSTS, "order": {"actions": 8, "events": 22, "bytes": 4000}}
    file.write_text(f"{json.dumps(old)}\n{json.dumps(COSTS)}\n", encoding="utf-8")
    assert "| order | 7 | 21 | 3,845 |" in tables_of(rows_of(file))
