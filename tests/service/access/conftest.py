"""A local issuer, and the people whom it knows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.identity.oidc import OidcIssuer
from service.access.people import People
from tests.support.local_issuer import LocalIssuer, local_issuer
from tests.support.oidc_people import Clock, settings_for


@pytest.fixture
async def issuer() -> AsyncIterator[LocalIssuer]:
    async with local_issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def people(issuer: LocalIssuer, clock: Clock, tmp_path: Path) -> AsyncIterator[People]:
    settings = settings_for(issuer, tmp_path)
    provider = OidcIssuer(settings, clock)
    yield People(provider, settings)
    await provider.close()
