"""People whom a local issuer knows, a clock that tests move on, and why a token does not count."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config import Settings
from service.access.people import People
from service.errors import NotKnown
from tests.support.local_issuer import CLIENT_ID, LocalIssuer


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def settings_for(issuer: LocalIssuer, tmp_path: Path, **more: Any) -> Settings:
    return Settings(state_dir=tmp_path, oidc_issuer=issuer.url, oidc_client_id=CLIENT_ID, **more)


async def told(people: People, token: str) -> str:
    """Return why a token does not count, which must be one sentence without the token."""
    with pytest.raises(NotKnown) as refused:
        await people.principal_of_token(SecretStr(token))
    said = str(refused.value)
    assert said.isprintable()
    assert all(part not in said for part in token.split(".") if len(part) > 10)
    assert refused.value.__cause__ is None
    return said
