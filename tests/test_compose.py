"""docker-compose.yml by the real Compose binary, which needs no engine for this."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from sandbox.parts import TEMPORAL_SETTINGS

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def services() -> Services:
    """The services as Compose understands them; it refuses an invalid file."""
    compose = Path(sys.executable).parent / "docker-compose"
    rendered = subprocess.run(
        [compose, "--file", ROOT / "docker-compose.yml", "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    services: Services = json.loads(rendered)["services"]
    return services


def test_has_the_stack_and_a_worker(services: Services) -> None:
    assert set(services) == {"temporal", "s3", "provider-api", "mailbox", "worker"}


def test_nothing_is_published_beyond_this_machine(services: Services) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_temporal_runs_with_the_settings_of_the_local_stack(services: Services) -> None:
    assert set(TEMPORAL_SETTINGS) <= set(services["temporal"]["command"])


def test_the_worker_waits_until_all_others_are_healthy(services: Services) -> None:
    others = set(services) - {"worker"}

    assert all("healthcheck" in services[name] for name in others)
    waits_for = services["worker"]["depends_on"]
    assert {
        name for name, how in waits_for.items() if how["condition"] == "service_healthy"
    } == others


def test_every_module_that_a_service_runs_exists(services: Services) -> None:
    commands = [service.get("command") or [] for service in services.values()]
    modules = [command[2] for command in commands if command[:2] == ["python", "-m"]]

    assert modules
    assert [module for module in modules if find_spec(module) is None] == []
    packages = [module for module in modules if (ROOT / module.replace(".", "/")).is_dir()]
    assert [module for module in packages if find_spec(f"{module}.__main__") is None] == []
