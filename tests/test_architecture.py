"""The house of the code: imports point down only, and what may be reached from where.

Read from the syntax, so that an import inside a function counts too.
"""

import ast
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from config import ROOT
from tests.support.activities import ALL_ACTIVITIES, activities_named_by_workflows

MAX_LINES = 400

MAY_IMPORT = {
    "models": set[str](),
    "config": set[str](),
    "client": {"config"},
    "providers": {"config", "models"},
    "activities": {"models", "providers"},
    "workflows": {"activities", "models", "providers"},
    "bootstrap": {"activities", "config", "providers"},
    "lifecycle": set[str](),
    "worker": {"bootstrap", "client", "config", "lifecycle", "workflows"},
    "commands": {
        *("activities", "bootstrap", "client", "config", "models", "providers", "workflows"),
    },
    "starter": {"commands", "config", "lifecycle"},
    "benchmarks": {
        *("activities", "bootstrap", "client", "commands", "config", "lifecycle", "models"),
        *("providers", "sandbox", "worker", "workflows"),
    },
    "sandbox": {
        *("bootstrap", "client", "commands", "config", "lifecycle", "models", "workflows"),
    },
}
"""What each room may import beside itself. Rooms that are missing here are not the house's."""

PRODUCTION = set(MAY_IMPORT) - {"sandbox", "benchmarks"}

PROTOCOLS = {
    f"providers.{name}"
    for name in (
        "errors",
        "inventory",
        "mail",
        "object_store",
        "ocr",
        "payments",
        "receipt_parser",
        "records",
        "shipping",
    )
}
"""Providers' contracts and errors: importable without any implementation."""

HEAVY = {
    *("aiohttp", "aiosmtplib", "boto3", "cv2", "numpy", "openai", "PIL", "rapidocr", "rich"),
    *("sqlalchemy", "stripe"),
}
"""What would keep ``starter.py --help`` from answering at once."""

USED_BY_COMMANDS = {
    # A review draws the pages of a receipt and shows its rows.
    "providers.files.documents",
    "providers.receipt_parser.receipt_rules.rows",
}
"""Implementations that a person's commands use themselves, each only when it is needed."""


SHOWS_PICTURES = {"commands.drawing", "commands.excerpt", "commands.review"}
"""Commands, and parts of them, that are nothing without what they draw with."""


@dataclass(frozen=True)
class Import:
    """One imported module; ``lazily`` if only when a function runs or a type is checked."""

    file: str
    module: str
    lazily: bool

    @property
    def room(self) -> str:
        return self.module.split(".")[0]


def files_of(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        single = ROOT / f"{room}.py"
        yield from [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))


def imports_of(*rooms: str) -> list[Import]:
    return [found for path in files_of(*rooms) for found in imports_in(path)]


@cache
def imports_in(path: Path) -> list[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_import = set(_nodes_run_at_import(tree))
    name = path.relative_to(ROOT).as_posix()
    return [
        Import(name, module, node not in at_import)
        for node in ast.walk(tree)
        for module in _modules(node)
    ]


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        module = node.module or ""
        # "from providers import payments" imports a module just as "import providers.payments".
        named = [f"{module}.{alias.name}" for alias in node.names]
        return list({one if _is_module(one) else module for one in named})
    return []


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def _nodes_run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        only_typed = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not later and not only_typed:
            yield child
            yield from _nodes_run_at_import(child)


def sources_of(*rooms: str) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files_of(*rooms)
    }


# --- floors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_down_only(room: str) -> None:
    imported = imports_of(room)
    assert imported, f"there is no {room}"
    ours = [found for found in imported if found.room in {*MAY_IMPORT, "tests"}]
    assert [found for found in ours if found.room not in MAY_IMPORT[room] | {room}] == []


def test_nothing_in_production_imports_the_sandbox() -> None:
    assert [found for found in imports_of(*PRODUCTION) if found.room == "sandbox"] == []


def test_providers_know_nothing_of_temporal() -> None:
    assert [found for found in imports_of("providers") if found.room == "temporalio"] == []


@pytest.mark.parametrize("room", ["activities", "workflows"])
def test_activities_and_workflows_name_providers_by_contract(room: str) -> None:
    providers = {found.module for found in imports_of(room) if found.room == "providers"}
    assert providers <= PROTOCOLS
    if room == "workflows":
        assert providers == {"providers.errors"}


def test_contracts_import_no_implementation() -> None:
    needs = PROTOCOLS - {"providers.errors"}
    names = {"providers/errors.py", *(f"{need.replace('.', '/')}/__init__.py" for need in needs)}
    imported = [found for found in imports_of("providers") if found.file in names]
    assert {found.file for found in imported} == names
    assert {found.room for found in imported} <= {"models", "typing"}


def test_commands_reach_only_the_providers_that_they_use_themselves() -> None:
    reached = {
        found.module for found in imports_of("starter", "commands") if found.room == "providers"
    }
    assert reached - PROTOCOLS == USED_BY_COMMANDS


def test_a_command_loads_no_implementation_before_it_is_needed() -> None:
    providers = {found.module for found in imports_of(*MAY_IMPORT) if found.room == "providers"}
    too_early = HEAVY | providers - PROTOCOLS
    commands = {f"commands.{path.stem}" for path in files_of("commands")}
    loading = {
        command: sorted(too_early & loaded_by(command))
        for command in {"starter", *commands - SHOWS_PICTURES}
    }
    assert {command: loaded for command, loaded in loading.items() if loaded} == {}


def loaded_by(module: str) -> set[str]:
    """Give all modules that importing one of ours loads, as far as they are named."""
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
            waiting += [found.module for found in imports_in(source) if not found.lazily]
    return loaded


def test_workflows_do_no_io() -> None:
    allowed = {
        *("asyncio", "collections", "contextlib", "datetime", "typing"),
        *("dataclasses", "pydantic", "temporalio"),
        *MAY_IMPORT,
    }
    assert [found for found in imports_of("workflows") if found.room not in allowed] == []


# --- settings, size ---------------------------------------------------------------------------


def test_settings_are_read_in_one_place() -> None:
    environment = re.compile(r"\benviron\b|\bgetenv\b")
    # The sandbox hands its environment on to the processes that it starts.
    found = [name for name, text in sources_of(*PRODUCTION).items() if environment.search(text)]
    assert set(found) <= {"config.py"}
    classes = [name for name, text in sources_of(*MAY_IMPORT).items() if "BaseSettings" in text]
    assert classes == ["config.py"]


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name: text.count("\n") for name, text in sources_of(*MAY_IMPORT, "tests").items()}
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
    by_string = re.compile(r"(?:execute|start)(?:_local)?_activity\(")
    assert [name for name, text in sources_of("workflows").items() if by_string.search(text)] == []


# --- tests ------------------------------------------------------------------------------------


def test_no_test_reaches_beyond_this_machine() -> None:
    with (
        socket.socket() as beyond,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        beyond.connect(("192.0.2.1", 80))
