"""Signing in at an issuer: bound to the browser that began, and once."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from yarl import URL

from models import Role
from service.access.keys import list_keys, revoke_key
from service.access.records import opened_access
from tests.support.browser import Browser
from tests.support.local_issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    LocalIssuer,
    local_issuer,
    rsa_key,
)
from tests.support.oidc_door import (
    CALLBACK,
    SESSION_KEY,
    OpenDoor,
    at_issuer,
    begun,
    opened,
    refused,
    signed_in,
)
from web.desk.signed_in.sessions import ATTEMPT_COOKIE, COOKIE, Sessions

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("with_secret", [True, False])
async def test_signing_in_at_the_issuer(tmp_path: Path, with_secret: bool) -> None:
    secret = CLIENT_SECRET if with_secret else None
    async with (
        local_issuer(with_secret) as issuer,
        opened(tmp_path, issuer, oidc_client_secret=secret) as door,
        Browser(door.url) as browser,
    ):
        issuer.person = {"preferred_username": "grace", "roles": ["approve"]}
        page = await browser.show("/desk/sign-in")
        assert f"Sign in with {urlsplit(issuer.url).netloc}" in page.text

        answer = await signed_in(browser, "/desk/expenses")

        assert answer.goes_to == "/desk/expenses"
        cookies = {one.key: one for one in browser.session.cookie_jar}
        assert set(cookies) == {COOKIE}, "the attempt is used up"
        assert cookies[COOKIE]["httponly"]
        assert cookies[COOKIE]["samesite"] == "lax"
        assert "grace (approve)" in (await browser.show("/desk/expenses")).text
        async with opened_access(door.settings) as access:
            assert [(key.name, key.role) for key in await list_keys(access.keys)] == [
                ("grace", Role.APPROVE)
            ]
            await revoke_key(access.keys, "grace")
        assert (await browser.get("/desk/expenses")).status == 303


async def test_signing_out_ends_a_session_for_whoever_kept_its_cookie(
    here: OpenDoor, browser: Browser
) -> None:
    here.issuer.person = {"preferred_username": "grace", "roles": ["approve"]}
    assert (await signed_in(browser)).goes_to == "/desk/"
    kept = {one.key: one.value for one in browser.session.cookie_jar}
    async with Browser(browser.url) as another:
        assert (await signed_in(another)).goes_to == "/desk/"
        form = (await browser.show("/desk/expenses")).form("/sign-out")

        await browser.submit(form)

        assert (await another.get("/desk/expenses")).status == 200, "others go on"
        another.session.cookie_jar.clear()
        another.session.cookie_jar.update_cookies(kept, URL(another.url))
        assert (await another.get("/desk/expenses")).status == 303


async def test_a_secret_in_the_body_where_the_issuer_wants_it(alone: OpenDoor) -> None:
    alone.issuer.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with Browser(alone.url) as browser:
        assert (await signed_in(browser)).goes_to == "/desk/"


async def test_the_way_to_the_issuer(here: OpenDoor, browser: Browser) -> None:
    answer = await browser.get("/desk/sign-in/oidc")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(answer.goes_to).query).items()}

    assert asked["redirect_uri"] == f"{here.url}{CALLBACK}"
    assert asked["scope"] == "openid profile"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 22
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=lax", "Path=/desk/sign-in/oidc", "Max-Age=600"):
        assert part in cookie
    assert "Secure" not in cookie
    assert asked["code_challenge"] not in cookie
    again = parse_qs(urlsplit((await browser.get("/desk/sign-in/oidc")).goes_to).query)
    assert not {asked["state"], asked["nonce"]} & {again["state"][0], again["nonce"][0]}


async def test_behind_tls(issuer: LocalIssuer, tmp_path: Path) -> None:
    async with (
        opened(tmp_path, issuer, server_url="https://desk.example/") as door,
        Browser(door.url) as browser,
    ):
        answer = await browser.get("/desk/sign-in/oidc")
        asked = parse_qs(urlsplit(answer.goes_to).query)
        assert asked["redirect_uri"] == [f"https://desk.example{CALLBACK}"]
        assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/desk\\evil"])
async def test_nobody_is_sent_elsewhere(here: OpenDoor, browser: Browser, wanted: str) -> None:
    url = (await browser.get(f"/desk/sign-in/oidc?next={wanted}")).goes_to
    assert (await browser.get(await at_issuer(browser, url))).goes_to == "/desk/"
    assert url.startswith(here.issuer.url)


async def test_a_state_of_somebody_else(here: OpenDoor, browser: Browser) -> None:
    other_words = "not begun in this browser"
    async with Browser(here.url) as eve:
        hers = await at_issuer(eve, await begun(eve))
        refused(await browser.get(hers), other_words)  # a link that she sends to others
        await begun(browser)
        refused(await browser.get(hers), other_words)
        assert (await eve.get(hers)).goes_to == "/desk/"
    for query in ("", "?code=x", "?code=x&state=", "?code=x&state=%C3%A9"):
        refused(await browser.get(CALLBACK + query), other_words)
    assert here.issuer.asked["token"] == 1, "nobody's code was exchanged but hers"


async def test_an_attempt_that_was_not_signed_here(browser: Browser) -> None:
    back = await at_issuer(browser, await begun(browser))
    ours = Sessions(SESSION_KEY)
    cookies = {one.key: one.value for one in browser.session.cookie_jar}
    attempt = ours.attempt_in(cookies[ATTEMPT_COOKIE])
    assert attempt is not None

    for forged in ("", "x", Sessions(None).cookie_of_attempt(attempt), cookies[COOKIE]):
        browser.session.cookie_jar.update_cookies({ATTEMPT_COOKIE: forged})
        browser.session.cookie_jar.clear(lambda one: one["path"] == "/desk/sign-in/oidc")
        refused(await browser.get(back), "not begun in this browser")


async def test_a_callback_counts_once(here: OpenDoor, browser: Browser) -> None:
    back = await at_issuer(browser, await begun(browser))
    cookies = {one.key: one.value for one in browser.session.cookie_jar}

    assert (await browser.get(back)).goes_to == "/desk/"
    refused(await browser.get(back), "not begun in this browser")
    async with Browser(here.url) as eve:  # who has seen all that the browser had
        eve.session.cookie_jar.update_cookies({ATTEMPT_COOKIE: cookies[ATTEMPT_COOKIE]})
        refused(await eve.get(back), "the issuer does not take the code: it was used before")


async def test_an_issuer_that_takes_a_code_twice(here: OpenDoor, browser: Browser) -> None:
    back = await at_issuer(browser, await begun(browser))
    cookies = {one.key: one.value for one in browser.session.cookie_jar}
    here.issuer.takes_codes_twice = True
    assert (await browser.get(back)).goes_to == "/desk/"

    async with Browser(here.url) as eve:
        eve.session.cookie_jar.update_cookies({ATTEMPT_COOKIE: cookies[ATTEMPT_COOKIE]})
        refused(await eve.get(back), "This sign-in was used before.")


ID_TOKENS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"nonce": "another"}, {}, "the id token is of another sign-in: its nonce is wrong"),
    ({"nonce": None}, {}, "the id token is of another sign-in: its nonce is wrong"),
    ({"aud": "another"}, {}, "the token is for another audience"),
    ({"aud": [CLIENT_ID, "another"]}, {}, "the id token was given to another client"),
    ({"azp": "another"}, {}, "the id token was given to another client"),
    ({"exp": 1_000_000}, {}, "the token has expired"),
    ({"iss": "https://evil.example"}, {}, "the token is of another issuer"),
    ({"key": rsa_key("other")}, {}, "the token is not signed by the issuer"),
    ({}, {"typ": "at+jwt"}, "the issuer answered with no id token"),
    ({"roles": "admin"}, {}, "has none of submit, approve, operate"),
    ({"preferred_username": "a b"}, {}, "is no user id"),
]
"""Claims and a header of an id token, and what is wrong with them."""


async def test_an_id_token_that_does_not_count(here: OpenDoor, browser: Browser) -> None:
    async with opened_access(here.settings) as access:
        before = await list_keys(access.keys)
    for id_token, header, why in ID_TOKENS:
        here.issuer.id_token, here.issuer.id_token_header = id_token, header

        refused(await signed_in(browser), why)

        assert (await browser.get("/desk/")).status == 303
    async with opened_access(here.settings) as access:
        assert await list_keys(access.keys) == before


async def test_an_issuer_that_says_no(here: OpenDoor, browser: Browser) -> None:
    state = parse_qs(urlsplit(await begun(browser)).query)["state"][0]

    denied = await browser.get(f"{CALLBACK}?error=access_denied&state={state}")

    refused(denied, f"{urlsplit(here.issuer.url).netloc} did not sign you in.")
    state = parse_qs(urlsplit(await begun(browser)).query)["state"][0]
    mixed = await browser.get(f"{CALLBACK}?code=x&state={state}&iss=https://evil.example")
    refused(mixed, "Another issuer sent this answer.")
    assert here.issuer.asked["token"] == 0


async def test_a_client_secret_that_is_wrong(issuer: LocalIssuer, tmp_path: Path) -> None:
    async with (
        opened(tmp_path, issuer, oidc_client_secret="wrong & more") as door,
        Browser(door.url) as browser,
    ):
        page = await signed_in(browser)
        refused(page, "it refuses OIDC_CLIENT_ID, OIDC_CLIENT_SECRET or SERVER_URL", 503)
        assert "wrong" not in page.text.replace("wrong:", "")


async def test_an_issuer_that_goes_away_in_between(alone: OpenDoor) -> None:
    async with Browser(alone.url) as browser:
        back = await at_issuer(browser, await begun(browser))
        await alone.issuer.go_away()

        page = await browser.get(back)

    refused(page, "does not tell who you are", 503)
    assert int(page.headers["Retry-After"]) > 0
    assert parse_qs(urlsplit(back).query)["code"][0] not in page.text


async def test_where_nobody_signs_in_at_an_issuer(issuer: LocalIssuer, tmp_path: Path) -> None:
    only_tokens = {"oidc_client_id": None, "oidc_client_secret": None, "oidc_audience": "api"}
    async with opened(tmp_path, issuer, **only_tokens) as door, Browser(door.url) as browser:
        page = await browser.show("/desk/sign-in")
        assert not [link for link in page.links if "oidc" in link]
        for path in ("/desk/sign-in/oidc", CALLBACK):
            assert (await browser.get(path)).status == 404
        assert (await door.call(browser, issuer.token(aud="api"))).status == 200
