"""The architecture, as far as import-linter's contracts in pyproject.toml cannot check it.

The contracts say which room may import which. What the top-level files import, when something is
loaded, and rules that are not about imports are checked here, from the syntax tree.
"""

import re
import socket
import tomllib

import pytest
from pytest_socket import SocketConnectBlockedError

from config import ROOT
from tests.support.activities import ALL_ACTIVITIES, activities_named_by_workflows
from tests.support.imports import Moment, files_of, imports_in, imports_of, sources_of

MAX_LINES = 400

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
ROOMS: set[str] = set(LINTER["root_packages"])

MAY_IMPORT = {
    "environment": {"client", "config", "settings"},
    "config": {"models", "settings"},
    "lifecycle": set[str](),
    "client": {"config", "connection", "encryption", "observability"},
    "bootstrap": {"activities", "config", "providers"},
    "probes": {"bootstrap", "config", "models", "providers"},
    "worker": {
        *("bootstrap", "client", "config", "connection", "encryption", "environment", "lifecycle"),
        *("observability", "service", "workflows"),
    },
    "starter": {"commands", "config", "environment", "lifecycle", "observability"},
    "server": {"config", "environment", "lifecycle", "observability", "service", "settings", "web"},
}
"""What each top-level file may import of ours."""

HOUSE = {*MAY_IMPORT, *ROOMS}
PRODUCTION = HOUSE - {"benchmarks", "examples", "sandbox"}

HEAVY = {
    *("aiohttp", "aiosmtplib", "boto3", "cv2", "jwt", "numpy", "openai", "PIL", "rapidocr", "rich"),
    *("alembic", "opentelemetry", "psycopg", "sqlalchemy", "stripe"),
}
"""Modules that would slow down ``starter.py --help``."""

SHOWS_PICTURES = {
    "service.receipts.drawing",
    "service.receipts.excerpt",
    "commands.receipts.review",
}
"""Modules that need imaging libraries for everything they do."""


# --- floors -----------------------------------------------------------------------------------


def test_every_room_is_in_the_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} == ROOMS
    (circles,) = (one for one in LINTER["contracts"] if one["type"] == "acyclic_siblings")
    assert set(circles["ancestors"]) == ROOMS


def test_every_file_at_the_top_has_its_floor() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("file", MAY_IMPORT)
def test_files_at_the_top_import_what_is_below_them(file: str) -> None:
    imported = {found.room for found in imports_of(file)}
    assert imported & {*HOUSE, "tests"} <= MAY_IMPORT[file]


def test_a_command_loads_no_implementation_before_it_is_needed() -> None:
    named = {found.module for found in imports_of(*HOUSE) if found.room == "providers"}
    implementations = {module for module in named if module.count(".") > 1}
    commands = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files_of("commands", "service")
    }
    loading = {
        command: sorted((HEAVY | implementations) & loaded_by(command))
        for command in {"starter", *commands - SHOWS_PICTURES}
    }
    assert {command: loaded for command, loaded in loading.items() if loaded} == {}


def loaded_by(module: str) -> set[str]:
    """Return the modules that importing one of ours loads, by name."""
    loaded: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in loaded:
            continue
        loaded.add(name)
        waiting += [name.rpartition(".")[0]] if "." in name else []
        path = ROOT / name.replace(".", "/")
        source = (
            path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        )
        if source.exists():
            now = [found for found in imports_in(source) if found.moment is Moment.AT_IMPORT]
            waiting += [found.module for found in now]
    return loaded


# --- settings, size ---------------------------------------------------------------------------


def test_settings_are_read_in_one_place() -> None:
    environment = re.compile(r"\benviron\b|\bgetenv\b")
    # The sandbox passes its environment on to the processes that it starts.
    found = [name for name, text in sources_of(*PRODUCTION).items() if environment.search(text)]
    assert set(found) <= {"config.py", "providers/confinement.py"}
    classes = [name for name, text in sources_of(*HOUSE).items() if "(BaseSettings)" in text]
    assert classes == ["config.py"]


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name: text.count("\n") for name, text in sources_of(*HOUSE, "tests").items()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


# --- activities -------------------------------------------------------------------------------


def test_every_activity_that_a_workflow_names_exists_and_no_other() -> None:
    defined = {
        (owner.__name__, name)
        for owner in ALL_ACTIVITIES
        for name, method in vars(owner).items()
        if hasattr(method, "__temporal_activity_definition")
    }
    assert activities_named_by_workflows() == defined


def test_no_activity_is_called_by_a_string() -> None:
    by_string = re.compile(
        r"(?<!def )(?<!self\.next\.)(?:execute|start)(?:_local)?_activity\("  # an interceptor's
    )
    assert [name for name, text in sources_of("workflows").items() if by_string.search(text)] == []


# --- tests ------------------------------------------------------------------------------------


def test_orders_decide_their_patches_when_they_begin() -> None:
    asking = {
        path.name
        for path in files_of("workflows/order")
        if "workflow.patched(" in path.read_text(encoding="utf-8")
    }
    assert asking == {"approval.py", "rules.py"}


def test_no_test_reaches_beyond_this_machine() -> None:
    with (
        socket.socket() as beyond,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        beyond.connect(("192.0.2.1", 80))
