"""The locked requirements: they match pyproject.toml, have hashes, and name no package index.

Each lock has everything that its users import: a worker whose image lacks a package that only the
local stack installs would fail only in production.
"""

import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import ROOT
from tests.support.imports import Moment, imports_in, reached_from

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group, own ones and those of included groups."""
    entries: list[str | dict[str, str]] = PROJECT["dependency-groups"][name]
    return [
        wanted
        for entry in entries
        for wanted in ([entry] if isinstance(entry, str) else group(entry["include-group"]))
    ]


RUNTIME: list[str] = PROJECT["project"]["dependencies"]

LOCKS = [
    ("requirements.txt", RUNTIME),
    ("requirements-sandbox.txt", RUNTIME + group("sandbox")),
    ("requirements-dev.txt", RUNTIME + group("dev")),
    ("requirements-bench.txt", RUNTIME + group("dev") + group("bench")),
    ("requirements-browser.txt", RUNTIME + group("dev") + group("browser")),
    ("requirements-llm.txt", group("llm")),
]

PRODUCTION = ("worker", "starter", "commands", "server")
"""The doors, and the commands, which ``starter.py`` imports by name when they are called."""

LOADED_BY_OTHERS = {"openvino", "httptools", "tzdata"}
"""Packages that RapidOCR, uvicorn and zoneinfo load: no file of ours imports them."""


def pins(name: str) -> dict[str, list[Requirement]]:
    """Return the pins of a lock file by package; a package may have one per platform."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            pin = Requirement(line.removesuffix("\\"))
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


@pytest.mark.parametrize(("name", "wanted"), LOCKS)
def test_every_dependency_is_locked_to_a_version_that_it_allows(
    name: str, wanted: list[str]
) -> None:
    locked = pins(name)

    for requirement in map(Requirement, wanted):
        for pin in locked[canonicalize_name(requirement.name)]:
            (version,) = (specifier.version for specifier in pin.specifier)
            assert requirement.specifier.contains(version), f"{pin} is not {requirement}: make lock"


@pytest.mark.parametrize(
    "lock",
    [
        "requirements-sandbox.txt",
        "requirements-dev.txt",
        "requirements-bench.txt",
        "requirements-browser.txt",
    ],
)
def test_demo_tests_and_benchmarks_run_on_the_versions_that_are_shipped(lock: str) -> None:
    shipped, used = pins("requirements.txt"), pins(lock)

    assert shipped == {name: used[name] for name in shipped}


def test_tests_run_on_the_local_stack_that_the_demo_runs_on() -> None:
    shown, used = pins("requirements-sandbox.txt"), pins("requirements-dev.txt")

    assert shown == {name: used[name] for name in shown}


def test_production_installs_nothing_that_only_the_local_stack_needs() -> None:
    only_local = {canonicalize_name(Requirement(wanted).name) for wanted in group("sandbox")}

    assert only_local
    assert only_local & set(pins("requirements.txt")) == set()


@pytest.mark.parametrize(
    ("rooms", "lock"),
    [(PRODUCTION, "requirements.txt"), (("sandbox",), "requirements-sandbox.txt")],
    ids=["production", "sandbox"],
)
def test_what_is_imported_is_installed(rooms: tuple[str, ...], lock: str) -> None:
    used = packages_imported_by(*rooms)

    assert used
    assert used - set(pins(lock)) == set()


def test_every_runtime_dependency_is_used_by_production() -> None:
    wanted = {canonicalize_name(Requirement(line).name) for line in RUNTIME}

    assert wanted - packages_imported_by(*PRODUCTION) == LOADED_BY_OTHERS


def packages_imported_by(*rooms: str) -> set[str]:
    """Return the third-party packages that rooms load, directly or through our files.

    A name such as opentelemetry is that of several packages, and counts as all of them.
    """
    names = {
        found.room
        for path in reached_from(*rooms)
        for found in imports_in(path)
        if found.moment is not Moment.ONLY_FOR_TYPES
    }
    package_of = packages_distributions()
    ours = {path.stem for path in ROOT.iterdir()}
    others = names - set(sys.stdlib_module_names) - ours
    return {canonicalize_name(package) for name in others for package in package_of[name]}


@pytest.mark.parametrize("name", [name for name, _ in LOCKS])
def test_the_lock_names_no_index_and_no_local_file(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert " @ " not in text
    assert "--index" not in text
    assert "--find-links" not in text
