"""Every alert rule names the section of docs/runbooks.md that says what to do."""

import re

import pytest
import yaml  # type: ignore[import-untyped]

from config import ROOT

RULES = [
    rule
    for group in yaml.safe_load((ROOT / "examples/monitoring/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PAGE = "docs/runbooks.md"
SECTIONS = dict(
    re.findall(
        r"^## (\w+)\n\n(.+?)(?=^## |\Z)", (ROOT / PAGE).read_text(), re.MULTILINE | re.DOTALL
    )
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_its_runbook(rule: dict[str, dict[str, str]]) -> None:
    name = str(rule["alert"])
    assert rule["annotations"]["runbook_url"] == f"{PAGE}#{name.lower()}"
    assert "starter.py" in SECTIONS[name], "a command to begin with"
