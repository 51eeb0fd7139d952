"""The keys of an issuer: new ones, withdrawn ones, and an issuer that does not answer."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from providers.identity.remembered import Remembered
from service.access.people import People
from service.errors import IssuerUnreachable
from tests.support.local_issuer import (
    LocalIssuer,
    jwk,
    rsa_key,
)
from tests.support.oidc_people import Clock, told


async def test_a_key_that_is_new_is_found_and_an_old_one_forgotten(
    people: People, issuer: LocalIssuer, clock: Clock
) -> None:
    old = SecretStr(issuer.token())
    new = issuer.token(key=rsa_key("second"), header={"kid": "second"})
    await people.principal_of_token(old)
    issuer.keys = [jwk("second")]

    clock.seconds += 59
    for _ in range(3):
        assert "does not have" in await told(people, new)
    assert issuer.asked["keys"] == 1, "at most once a minute"
    clock.seconds += 2
    assert (await people.principal_of_token(SecretStr(new))).name == "ada"
    assert issuer.asked["keys"] == 2
    assert "does not have" in await told(people, old.get_secret_value())
    assert issuer.asked["keys"] == 2


async def test_a_key_that_was_withdrawn_counts_ten_minutes_at_most(
    people: People, issuer: LocalIssuer, clock: Clock
) -> None:
    token = SecretStr(issuer.token())
    await people.principal_of_token(token)
    issuer.keys = [jwk("second")]

    clock.seconds += 599
    await people.principal_of_token(token)
    clock.seconds += 2
    assert "does not have" in await told(people, token.get_secret_value())


async def test_an_issuer_that_is_away(people: People, issuer: LocalIssuer, clock: Clock) -> None:
    token = SecretStr(issuer.token())
    await issuer.go_away()
    with pytest.raises(IssuerUnreachable, match=r"the issuer 127\.0\.0\.1:\d+ does not tell"):
        await people.principal_of_token(token)
    await issuer.start()
    with pytest.raises(IssuerUnreachable):  # not asked again at once
        await people.principal_of_token(token)
    clock.seconds += 6
    await people.principal_of_token(token)

    await issuer.go_away()
    clock.seconds += 3_599
    await people.principal_of_token(token)  # by the keys that were known
    clock.seconds += 6
    with pytest.raises(IssuerUnreachable):
        await people.principal_of_token(token)
    unknown = issuer.token(key=rsa_key("second"), header={"kid": "second"})
    with pytest.raises(IssuerUnreachable):
        await people.principal_of_token(SecretStr(unknown))
    await issuer.start()
    clock.seconds += 6
    await people.principal_of_token(token)


async def test_nobody_waits_for_an_issuer_that_hangs_while_its_keys_count(clock: Clock) -> None:
    asked, answers = asyncio.Event(), asyncio.Event()
    answers.set()

    async def fetch() -> int:
        asked.set()
        await answers.wait()
        return len(fetched)

    fetched = [1]
    remembered = Remembered(fetch, clock)
    assert await remembered.value() == 1
    asked.clear()
    answers.clear()
    fetched.append(2)
    clock.seconds += 601

    first = asyncio.create_task(remembered.value())
    await asked.wait()
    assert await remembered.value() == 1
    answers.set()
    assert await first == 2
    assert await remembered.value() == 2


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.example"}, "another name than OIDC_ISSUER"),
        ({"jwks_uri": "file:///etc/passwd"}, "no http:// URL"),
        ({"jwks_uri": "http://["}, "no http:// URL"),
        ({"jwks_uri": None}, "cannot be read"),
    ],
)
async def test_metadata_that_cannot_be_used(
    people: People, issuer: LocalIssuer, metadata: dict[str, Any], why: str
) -> None:
    issuer.metadata = metadata
    with pytest.raises(IssuerUnreachable, match=why):
        await people.principal_of_token(SecretStr(issuer.token()))


async def test_keys_that_are_no_keys(people: People, issuer: LocalIssuer, clock: Clock) -> None:
    issuer.padding = "x" * 300_000
    with pytest.raises(IssuerUnreachable, match="larger than 262144 bytes"):
        await people.principal_of_token(SecretStr(issuer.token()))
    issuer.padding = ""
    clock.seconds += 6
    issuer.keys = [{"kty": "RSA", "kid": "first", "n": "AQAB", "e": 5}]
    with pytest.raises(IssuerUnreachable, match="a key of the issuer cannot be used"):
        await people.principal_of_token(SecretStr(issuer.token()))
