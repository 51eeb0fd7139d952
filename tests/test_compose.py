"""docker-compose.yml, as the real Compose binary reads it without an engine, and its images."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from sandbox.parts import TEMPORAL_SETTINGS
from tests.support.imports import reached_from

Services = dict[str, dict[str, Any]]


OURS = {"migrate", "worker", "server"}
STAND_INS = {"s3", "provider-api", "mailbox"}
CLUSTER = {
    "temporal-database",
    "temporal-schema",
    "temporal-server",
    "temporal-setup",
    "temporal-ui",
}
"""A Temporal server of several parts, which is started only by its profile."""


def rendered(*options: str) -> Services:
    """Return the services as Compose reads them; fails if the file is invalid."""
    compose = Path(sys.executable).parent / "docker-compose"
    read = subprocess.run(
        [compose, "--file", ROOT / "docker-compose.yml", *options, "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    services: Services = json.loads(read.stdout)["services"]
    return services


@pytest.fixture(scope="module")
def services() -> Services:
    """Return the services without any profile."""
    return rendered()


@pytest.fixture(scope="module")
def all_services() -> Services:
    """Return the services of every profile."""
    return rendered("--profile", "*")


def test_has_the_stack_and_our_own_processes(services: Services) -> None:
    assert set(services) == {"temporal", "postgres"} | STAND_INS | OURS
    assert services["worker"]["deploy"]["replicas"] == 2


def test_a_profile_has_a_server_of_several_parts(all_services: Services) -> None:
    assert set(all_services) >= CLUSTER
    assert all("profiles" in all_services[name] for name in CLUSTER)


def test_a_profile_watches_it_with_files_that_are_there(all_services: Services) -> None:
    watching = {"prometheus", "grafana", "jaeger"}
    assert {
        name for name, one in all_services.items() if one.get("profiles") == ["monitoring"]
    } == (watching)
    mounted = [
        Path(volume["source"])
        for name in watching
        for volume in all_services[name].get("volumes", [])
        if volume["type"] == "bind"
    ]
    assert len(mounted) == 4
    assert all(path.exists() for path in mounted)
    for name in ("worker", "server"):
        assert all_services[name]["environment"]["METRICS_PORT"] == "9100", (
            "as prometheus.yml has it"
        )
        assert all_services[name]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "", "no traces"


def test_every_service_has_as_few_rights_as_it_can(all_services: Services) -> None:
    writes_beside_its_binary = {"temporal-server", "temporal-ui"}
    for name, service in all_services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("read_only", False) is (name not in writes_beside_its_binary), name
        assert int(service["mem_limit"]) <= 2 << 30, name
        assert service["pids_limit"] <= 256, name


def test_every_image_has_a_version(all_services: Services) -> None:
    foreign = {one["image"] for one in all_services.values() if "build" not in one}

    assert foreign
    assert [image for image in foreign if not re.search(r":v?\d+\.\d+", image)] == []


def test_the_records_are_in_a_database_that_the_host_reaches(services: Services) -> None:
    urls = {services[name]["environment"]["DATABASE_URL"] for name in OURS}

    (url,) = urls
    assert url.startswith("postgresql://pipelines:local-sandbox@postgres:")
    assert services["postgres"]["ports"][0]["published"] == "5432"


def test_nothing_is_published_beyond_this_machine(services: Services) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_temporal_runs_with_the_settings_of_the_local_stack(services: Services) -> None:
    assert set(TEMPORAL_SETTINGS) <= set(services["temporal"]["command"])


def test_the_worker_waits_until_all_others_are_healthy(services: Services) -> None:
    others = set(services) - OURS

    assert all("healthcheck" in services[name] for name in others)
    waits_for = {name: how["condition"] for name, how in services["worker"]["depends_on"].items()}
    jobs = {waits_for.pop(name) for name in ("migrate", "temporal-setup")}
    assert jobs == {"service_completed_successfully"}
    assert waits_for == dict.fromkeys(others - {"postgres"}, "service_healthy")
    assert set(services["migrate"]["depends_on"]) == {"postgres"}


def test_our_processes_there_say_that_they_are_the_sandbox(services: Services) -> None:
    """Their servers are beyond loopback, which alone would make it production."""
    said = {name: services[name]["environment"].get("ENVIRONMENT") for name in OURS}

    assert said == dict.fromkeys(OURS, "sandbox")


def test_every_module_that_a_service_runs_exists(services: Services) -> None:
    commands = [service.get("command") or [] for service in services.values()]
    modules = [command[2] for command in commands if command[:2] == ["python", "-m"]]

    assert modules
    assert [module for module in modules if find_spec(module) is None] == []
    packages = [module for module in modules if (ROOT / module.replace(".", "/")).is_dir()]
    assert [module for module in packages if find_spec(f"{module}.__main__") is None] == []


# --- images -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stages() -> dict[str, str]:
    """Return the instructions of each stage of the Dockerfile by its name."""
    text = (ROOT / "Dockerfile").read_text()
    parts = re.split(r"^FROM \S+ AS (\w+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_each_service_runs_the_image_that_has_what_it_needs(services: Services) -> None:
    targets = {name: one["build"]["target"] for name, one in services.items() if "build" in one}

    assert targets == dict.fromkeys(STAND_INS, "sandbox") | dict.fromkeys(OURS, "worker")
    images = {(one["build"]["target"], one["image"]) for one in services.values() if "build" in one}
    assert len(images) == len({image for _, image in images}) == 2


def test_the_workers_image_has_productions_code_and_packages_only(stages: dict[str, str]) -> None:
    files = reached_from("worker", "starter", "commands", "server")
    rooms = {path.relative_to(ROOT).parts[0] for path in files if path.parent != ROOT}
    assert set(re.findall(r"^COPY (\w+) \1$", stages["worker"], re.MULTILINE)) == rooms
    assert "COPY *.py ./" in stages["worker"]

    locks = {name: set(re.findall(r"-r (\S+)", steps)) for name, steps in stages.items()}
    assert locks == {
        "packages": {"requirements.txt"},
        "sandbox": {"requirements-sandbox.txt"},
        "worker": set(),
    }


def test_a_plain_build_makes_the_worker(stages: dict[str, str]) -> None:
    assert list(stages)[-1] == "worker"
