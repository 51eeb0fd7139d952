"""What the probes of a worker are answered, by a listener without a worker."""

import aiohttp
import pytest

from config import Settings, SettingsError
from observability.health import STARTING, STOPPING, answering_probes
from sandbox.stack import free_ports


@pytest.fixture
def settings() -> Settings:
    (port,) = free_ports(1)
    return Settings(health_port=port)


async def asked(settings: Settings, path: str) -> tuple[int, object]:
    url = f"http://127.0.0.1:{settings.health_port}{path}"
    async with aiohttp.request("GET", url) as answer:
        return answer.status, await answer.json()


async def test_a_worker_is_ready_only_while_it_serves(settings: Settings) -> None:
    why_not: list[str | None] = [None]

    async def ask() -> str | None:
        return why_not[-1]

    async with answering_probes(settings) as health:
        seen = [await asked(settings, "/readyz")]
        health.serving(ask)
        seen.append(await asked(settings, "/readyz"))
        why_not.append("Temporal does not answer it: unavailable")
        seen.append(await asked(settings, "/readyz"))
        health.stopping()
        seen.append(await asked(settings, "/readyz"))
        lives = await asked(settings, "/healthz")

    assert seen == [
        (503, {"status": "unavailable", "worker": STARTING}),
        (200, {"status": "ok"}),
        (503, {"status": "unavailable", "worker": "Temporal does not answer it: unavailable"}),
        (503, {"status": "unavailable", "worker": STOPPING}),
    ]
    assert lives == (200, {"status": "ok"}), "running steps finish first"


async def test_without_a_port_nobody_listens() -> None:
    async with answering_probes(Settings(health_port=None)) as health:
        assert await health.why_not_ready() == STARTING


async def test_a_port_that_is_taken_is_one_sentence(settings: Settings) -> None:
    async with answering_probes(settings):
        with pytest.raises(
            SettingsError, match=r"^HEALTH_PORT: nothing can listen at 127\.0\.0\.1"
        ):
            async with answering_probes(settings):
                pass
