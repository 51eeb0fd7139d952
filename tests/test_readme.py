"""The docs say only what is true: their tables are those of the code, their commands exist."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from benchmarks import costs
from config import ROOT, Settings
from sandbox.provider_api.scenarios import MAGIC, MagicRow
from starter import build_parser

MAX_README_LINES = 160
TEST_ONLY = {"sandbox_crash_at"}


def _page(name: str) -> str:
    """Return a page with every run of blanks as one, so that tables may be aligned."""
    return re.sub(" +", " ", Path(ROOT, name).read_text(encoding="utf-8"))


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None:
        return ""
    return f"`{str(default).replace(f'{ROOT}/', '')}`"


def test_the_readme_is_read_in_one_sitting() -> None:
    assert Path(ROOT, "README.md").read_text(encoding="utf-8").count("\n") <= MAX_README_LINES


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - TEST_ONLY))
def test_every_setting_is_in_the_table(name: str) -> None:
    meaning = Settings.model_fields[name].description
    row = f"| `{name.upper()}` | {_default(name)} | {meaning} |"
    assert re.sub(" +", " ", row) in _page("docs/settings.md")


@pytest.mark.parametrize("row", MAGIC, ids=lambda row: row.word)
def test_every_magic_word_is_in_the_table(row: MagicRow) -> None:
    assert f"| `{row.word}` | {row.call} | {row.effect} |" in _page("docs/sandbox.md")


def test_the_costs_are_those_of_the_recorded_histories() -> None:
    assert "\n".join(costs.rows()) in _page("docs/costs.md")


def test_every_command_is_explained() -> None:
    usage = build_parser().format_help()
    commands = set(re.findall(r"^    ([a-z]+) ", usage, re.MULTILINE))
    page = _page("docs/usage.md")

    assert len(commands) > 10
    unexplained = {c for c in commands if f"`{c}" not in page and f"starter.py {c}" not in page}
    assert unexplained <= {"demo"}  # which becomes python -m sandbox.demo
