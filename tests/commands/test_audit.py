"""``starter.py audit`` as an operator runs it: exit codes, and a charge that no order knows of."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import ROOT, Settings
from models import ChargeRequest
from providers.http_api import HttpApi
from providers.http_payments import HttpPayments
from sandbox.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack.isolated(tmp_path) as stack:
        yield stack


def audit(stack: Stack) -> tuple[int, list[dict[str, Any]]]:
    """Run the command; gives its exit code and its lines."""
    done = subprocess.run(
        [sys.executable, "starter.py", "audit", "--json"],
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


async def charge_without_an_order(settings: Settings) -> None:
    api = HttpApi(settings.provider_api_url, settings.provider_api_key)
    request = ChargeRequest.model_validate(
        {
            "idempotency_key": "order-nobody:charge",
            "order_id": "nobody",
            "amount_cents": 700,
            "currency": "USD",
            "payment_token": "tok_visa",
        }
    )
    await HttpPayments(api).charge(request)
    await api.close()


def test_exit_codes_are_clean_findings_and_unreachable(stack: Stack) -> None:
    code, lines = audit(stack)
    assert (code, [line["findings"] for line in lines]) == (0, [0])

    asyncio.run(charge_without_an_order(stack.settings))
    code, lines = audit(stack)
    assert code == 1
    assert [line.get("finding") for line in lines] == ["orphan", "sums", None]
    assert lines[0]["about"] == "order-nobody"
    assert "7.00 USD" in lines[1]["words"]

    stack.kill("provider-api")
    code, lines = audit(stack)
    assert code == 3
    assert stack.settings.provider_api_url in lines[0]["error"]
