"""The house of the code: imports point down only, and what may be reached from where.

Read from the syntax, so that an import inside a function counts too.
"""

import re
import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from config import ROOT
from tests.support.activities import ALL_ACTIVITIES, activities_named_by_workflows
from tests.support.imports import Moment, files_of, imports_in, imports_of, sources_of

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
    "service": {
        *("activities", "bootstrap", "client", "config", "models", "providers", "workflows"),
    },
    "commands": {"config", "models", "service", "workflows"},
    "starter": {"commands", "config", "lifecycle"},
    "benchmarks": {
        *("activities", "bootstrap", "client", "commands", "config", "lifecycle", "models"),
        *("providers", "sandbox", "service", "worker", "workflows"),
    },
    "sandbox": {
        *("bootstrap", "client", "commands", "config", "lifecycle", "models", "providers"),
        *("service", "workflows"),
    },
    "examples": {
        *("activities", "bootstrap", "client", "config", "lifecycle", "models", "providers"),
        *("worker", "workflows"),
    },
}
"""What each room may import beside itself. Rooms that are missing here are not the house's."""

PRODUCTION = set(MAY_IMPORT) - {"sandbox", "benchmarks", "examples"}

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


SHOWS_PICTURES = {"service.receipts.drawing", "service.receipts.excerpt", "commands.review"}
"""Parts that are nothing without what they draw with."""


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


def test_service_and_commands_reach_only_the_providers_that_they_use_themselves() -> None:
    reached = {
        found.module
        for found in imports_of("starter", "commands", "service")
        if found.room == "providers"
    }
    assert reached - PROTOCOLS == USED_BY_COMMANDS


def test_a_command_loads_no_implementation_before_it_is_needed() -> None:
    providers = {found.module for found in imports_of(*MAY_IMPORT) if found.room == "providers"}
    too_early = HEAVY | providers - PROTOCOLS
    commands = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files_of("commands", "service")
    }
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
            now = [found for found in imports_in(source) if found.moment is Moment.AT_IMPORT]
            waiting += [found.module for found in now]
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
