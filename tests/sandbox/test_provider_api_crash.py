"""SIGKILL at every moment: an acknowledged effect stays, and a retry never adds another."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.provider_api_server import ApiProcess, Caller, api_process, calling

CHARGE = {
    "order_id": "ord-1",
    "amount_cents": 1_000,
    "currency": "USD",
    "payment_token": "tok_visa",
}
KILLED = 137


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ApiProcess]:
    with api_process(tmp_path) as api:
        yield api


@pytest.mark.parametrize(("moment", "effects"), [("before_effect", 0), ("after_commit", 1)])
async def test_a_crash_at_the_named_moment_happens_once_and_is_survived(
    process: ApiProcess, moment: str, effects: int
) -> None:
    crash_at = f"{moment}:charge:ord-1"
    process.start(crash_at)
    async with calling(process.url) as caller:
        other = CHARGE | {"order_id": "ord-2"}
        assert (await caller.call("POST", "/charges", other, "other"))[0] == 201
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.call("POST", "/charges", CHARGE, "k")
    assert process.exit_code() == KILLED
    process.start(crash_at)
    async with calling(process.url) as caller:
        assert len(await caller.data("/charges?idempotency_key=k")) == effects
        status, _, response = await caller.call("POST", "/charges", CHARGE, "k")
        assert status == 201
        assert ("Idempotent-Replayed" in response.headers) == (effects == 1)
        assert len(await caller.data("/charges")) == 2


async def test_kill_9_under_load_loses_no_acknowledged_charge_and_doubles_none(
    process: ApiProcess,
) -> None:
    process.start()
    acknowledged: dict[str, str] = {}

    async def charge(caller: Caller, number: int) -> None:
        body = CHARGE | {"order_id": f"ord-{number}"}
        status, made, _ = await caller.call("POST", "/charges", body, f"k{number}")
        if status == 201:
            assert (
                acknowledged.setdefault(f"k{number}", made["transaction_id"])
                == (made["transaction_id"])
            )

    async def charge_until_killed(caller: Caller, numbers: range) -> None:
        with contextlib.suppress(aiohttp.ClientError):
            for number in numbers:
                await charge(caller, number)
                if len(acknowledged) == 40:
                    process.kill()

    async with calling(process.url) as caller:
        await asyncio.gather(
            *(charge_until_killed(caller, range(lane, 2_000, 10)) for lane in range(10))
        )
    assert process.exit_code() == -9
    process.start()
    async with calling(process.url) as caller:
        ledger = {row["idempotency_key"]: row for row in await caller.data("/charges")}
        assert (
            acknowledged.items() <= {k: row["transaction_id"] for k, row in ledger.items()}.items()
        )
        await asyncio.gather(*(charge(caller, number) for number in range(60)))
        assert len(await caller.data("/charges")) == len(set(ledger) | set(acknowledged))


def test_sigterm_ends_it_with_0(process: ApiProcess) -> None:
    process.start()
    assert process.stop() == 0
