"""The Kubernetes manifests: valid by the API's own schema, and about what there is."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from config import ROOT, Settings
from service.readiness.roles import Role

FOLDER = ROOT / "examples" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
VERSION = "1.34"
"""Of Kubernetes."""

Manifest = dict[str, Any]


def manifests(*paths: Path) -> list[Manifest]:
    """Return what the files declare."""
    return [one for path in paths for one in yaml.safe_load_all(path.read_text()) if one]


EVERYTHING = manifests(*FILES)
POD_OWNERS = [one for one in EVERYTHING if one["kind"] in ("Deployment", "Job")]


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


@pytest.mark.parametrize("manifest", EVERYTHING, ids=named)
def test_the_schema_of_kubernetes_passes(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_what_is_no_manifest_does_not_pass() -> None:
    (job,) = [one for one in POD_OWNERS if one["kind"] == "Job"]
    misspelt = {**job, "spec": {**job["spec"], "backofLimit": 3}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelt, VERSION, strict=True)


@pytest.mark.parametrize("manifest", POD_OWNERS, ids=named)
def test_a_pod_has_as_few_rights_as_it_can(manifest: Manifest) -> None:
    pod = manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }


def test_there_is_a_worker_of_each_role() -> None:
    commands = [
        one["spec"]["template"]["spec"]["containers"][0]["command"]
        for one in POD_OWNERS
        if one["metadata"]["name"].startswith("worker-")
    ]

    roles = {command[-1] for command in commands}
    assert roles == {role.value for role in Role if role is not Role.ALL}
    assert {tuple(command[:3]) for command in commands} == {("python", "worker.py", "--role")}


def test_every_worker_scales_by_the_queue_that_it_serves() -> None:
    scalers = [one["spec"] for one in EVERYTHING if one["kind"] == "HorizontalPodAutoscaler"]

    scaled = {one["scaleTargetRef"]["name"] for one in scalers}
    workers = {one["metadata"]["name"] for one in POD_OWNERS if one["kind"] == "Deployment"}
    assert scaled == workers - {"server"}


def test_every_setting_is_one_and_none_is_a_secret() -> None:
    (configuration,) = [one for one in EVERYTHING if one["kind"] == "ConfigMap"]
    names = set(configuration["data"])

    known = {name.upper() for name in Settings.model_fields}
    assert {name for name in names - known if not name.startswith("TEMPORAL_")} == set()
    assert {name for name in names if re.search("KEY|PASSWORD|SECRET|DATABASE_URL", name)} == set()
