"""The README says only what is true: its tables are those of the code, its commands exist."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from benchmarks import costs
from config import ROOT, Settings
from sandbox.scenarios import MAGIC, MagicRow
from starter import build_parser

README = re.sub(" +", " ", Path(ROOT, "README.md").read_text())
TEST_ONLY = {"sandbox_crash_at"}


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None:
        return ""
    return f"`{str(default).replace(f'{ROOT}/', '')}`"


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - TEST_ONLY))
def test_every_setting_is_in_the_table(name: str) -> None:
    meaning = Settings.model_fields[name].description
    row = f"| `{name.upper()}` | {_default(name)} | {meaning} |"
    assert re.sub(" +", " ", row) in README


@pytest.mark.parametrize("row", MAGIC, ids=lambda row: row.word)
def test_every_magic_word_is_in_the_table(row: MagicRow) -> None:
    assert f"| `{row.word}` | {row.call} | {row.effect} |" in README


def test_the_costs_are_those_of_the_recorded_histories() -> None:
    assert "\n".join(costs.rows()) in README


def test_every_command_is_explained() -> None:
    usage = build_parser().format_help()
    commands = set(re.findall(r"^    ([a-z]+) ", usage, re.MULTILINE))

    assert len(commands) > 10
    assert {
        c for c in commands if f"`{c}" not in README and f"starter.py {c}" not in README
    } == set()
