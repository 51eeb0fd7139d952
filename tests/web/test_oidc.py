"""The API with an issuer: tokens count beside keys, and say what is wrong with them."""

import logging
from typing import Any

import pytest

from models import Role
from tests.support.browser import Browser
from tests.support.local_issuer import rsa_key
from tests.support.oidc_door import OpenDoor, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_token_and_a_key_both_call(here: OpenDoor, browser: Browser) -> None:
    key = await here.key("ada", Role.SUBMIT)

    for shown in (key, here.issuer.token()):
        answer = await here.call(browser, shown)
        assert answer.status == 200, answer


async def test_a_token_does_what_its_role_may(here: OpenDoor, browser: Browser) -> None:
    may = here.issuer.token(roles=["operate"])
    may_not = here.issuer.token(roles=["submit"])
    path = "/expenses?userId=bob"

    assert (await here.call(browser, may, path)).status == 200
    denied = await here.call(browser, may_not, path)
    assert denied.status == 403, denied


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"exp": 1_000_000}, "the token has expired"),
    ({"aud": "another"}, "the token is for another audience"),
    ({"key": rsa_key("other")}, "the token is not signed by the issuer"),
    (
        {"header": {"kid": "other"}},
        "the token is signed with a key that the issuer does not have",
    ),
    ({"nonce": "x"}, "that is an id token: send the access token"),
]


async def test_a_token_that_does_not_count(
    here: OpenDoor, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    challenge = 'Bearer realm="pipelines", error="invalid_token"'
    for claims, why in WRONG:
        token = here.issuer.token(**claims)

        answer = await here.call(browser, token)

        assert answer.problem(401) == why
        assert answer.headers["WWW-Authenticate"] == challenge
        signature = token.rpartition(".")[2]
        assert signature not in answer.text
        assert signature not in caplog.text


async def test_whoever_has_no_role_or_no_name_here(here: OpenDoor, browser: Browser) -> None:
    nobody = await here.call(browser, here.issuer.token(roles=[]))
    assert (
        nobody.problem(403) == "the claim roles of the token has none of submit, approve, operate"
    )
    unnamed = await here.call(browser, here.issuer.token(preferred_username="ada@users.test"))
    assert unnamed.problem(403).startswith("the claim preferred_username of the token is no user")


async def test_what_is_neither_key_nor_token(here: OpenDoor, browser: Browser) -> None:
    for shown in ("dpk_a.b.c", "x", "a.b", "a.b.c.d"):
        assert "access key is not valid" in (await here.call(browser, shown)).problem(401)
    assert "no signed JWT" in (await here.call(browser, "a.b.c")).problem(401)
    assert "access key is needed" in (await here.call(browser, None)).problem(401)
    token = here.issuer.token()
    async with browser.session.get(f"{here.url}/expenses", headers={"X-Api-Key": token}) as answer:
        assert answer.status == 401, "tokens are sent as RFC 6750 has it"


async def test_an_issuer_that_is_away_keeps_keys_working(alone: OpenDoor) -> None:
    key, token = await alone.key("ada", Role.SUBMIT), alone.issuer.token()
    await alone.issuer.go_away()

    async with Browser(alone.url) as browser:
        away = await alone.call(browser, token)

        assert "does not tell who you are" in away.problem(503)
        assert int(away.headers["Retry-After"]) > 0
        assert (await alone.call(browser, key)).status == 200
        page = await browser.get("/desk/sign-in/oidc?next=/desk/expenses")
        refused(page, "does not answer: sign in with an access key, or try again later.", 503)
        assert int(page.headers["Retry-After"]) > 0
        answer = await browser.submit(page.form("/sign-in"), {"key": key})
    assert answer.goes_to == "/desk/expenses"
