"""The locked requirements: what pyproject.toml allows, with hashes, from no index in particular."""

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
DEVELOPMENT: list[str] = PROJECT["dependency-groups"]["dev"]
BENCHMARKS: list[str] = PROJECT["dependency-groups"]["bench"]
LANGUAGE_MODEL: list[str] = PROJECT["dependency-groups"]["llm"]

LOCKS = [
    ("requirements.txt", RUNTIME),
    ("requirements-dev.txt", RUNTIME + DEVELOPMENT),
    ("requirements-bench.txt", RUNTIME + DEVELOPMENT + BENCHMARKS),
    ("requirements-llm.txt", LANGUAGE_MODEL),
]


def pins(name: str) -> dict[str, list[Requirement]]:
    """The pinned requirements of a lock file by package; a package may differ by platform."""
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


@pytest.mark.parametrize("lock", ["requirements-dev.txt", "requirements-bench.txt"])
def test_tests_and_benchmarks_run_on_the_versions_that_are_shipped(lock: str) -> None:
    shipped, used = pins("requirements.txt"), pins(lock)

    assert shipped == {name: used[name] for name in shipped}


@pytest.mark.parametrize("name", [name for name, _ in LOCKS])
def test_the_lock_names_no_index_and_no_local_file(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert " @ " not in text
    assert "--index" not in text
    assert "--find-links" not in text
