"""Who is at the desk: sessions, forms of their own, links that count once, headers."""

import pytest
from yarl import URL

from models import Role
from service.access.keys import new_key_id
from tests.support.browser import TOKEN, AtDesk
from tests.support.http_door import Door
from tests.support.terminal import Terminal
from web.desk.signed_in.sessions import Session, Sessions

PAGES = ("/desk/", "/desk/upload", "/desk/expenses", "/desk/orders/x", "/desk/receipts/x")


def signing(door: Door) -> Sessions:
    """Return what signs as the server does."""
    return Sessions(door.shop.stack.settings.server_session_key)


async def test_whoever_is_not_signed_in_is_sent_there_and_back(at_desk: AtDesk) -> None:
    browser = await at_desk.nobody()

    for path in PAGES:
        page = await browser.get(path)
        assert page.goes_to == f"/desk/sign-in?next={path.replace('/', '%2F')}"
    key = at_desk.door.key("ada", Role.SUBMIT)
    answer = await browser.sign_in(key, "/desk/expenses")

    assert answer.goes_to == "/desk/expenses"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/desk" in cookie
    assert "Max-Age=43200" in cookie
    assert key.rpartition("_")[2] not in cookie
    assert "ada (submit)" in (await browser.show("/desk/expenses")).text
    assert (await browser.get("/desk/sign-in?next=/desk/upload")).goes_to == "/desk/upload"
    assert (await browser.get("/desk")).goes_to == "/desk/"


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/desk\\evil", ""])
async def test_nobody_is_sent_elsewhere(at_desk: AtDesk, wanted: str) -> None:
    browser = await at_desk.nobody()
    page = await browser.show("/desk/sign-in")
    key = at_desk.door.key("ada", Role.SUBMIT)

    answer = await browser.submit(page.form("/sign-in"), {"key": key, "next": wanted})

    assert answer.goes_to == "/desk/"


async def test_what_is_no_key(at_desk: AtDesk) -> None:
    browser = await at_desk.nobody()

    for wrong in ("", "no key", "dpk_aaaaaaaaaaaa_" + "a" * 43):
        page = await browser.sign_in(wrong)
        assert page.status == 403
        assert "no access key that counts" in page.text
    assert (await browser.get("/desk/")).status == 303


async def test_a_form_without_its_token_is_refused(at_desk: AtDesk) -> None:
    ada = await at_desk.person("ada", Role.SUBMIT)
    olga = await at_desk.person("olga", Role.OPERATE)
    others = (await ada.show("/desk/")).form("/sign-out").fields[TOKEN]
    paths = ("/approvals", "/mails/again", "/orders/x/cancel", "/receipts/x/confirm", "/sign-out")

    for path in (*paths, "/sign-in", "/receipts/x/discard", "/orders/x/retry", "/upload"):
        for data in ({}, {TOKEN: ""}, {TOKEN: others}, {TOKEN: "\u00e9"}):
            page = await olga.post(f"/desk{path}", data)
            assert page.status == 403, (path, data)
            assert "not of your session" in page.text
    assert (await olga.upload(("x.pdf", b"x"), token=others)).status == 403
    assert (await olga.get("/desk/")).status == 200


async def test_a_session_that_was_not_signed_here(at_desk: AtDesk) -> None:
    browser = await at_desk.person("ada", Role.SUBMIT)
    signed = Sessions(None).cookie_of(Session.new("a" * 12))

    for forged in ("", "x", signed):
        browser.session.cookie_jar.clear()
        browser.session.cookie_jar.update_cookies({"desk": forged})
        assert (await browser.get("/desk/")).status == 303


async def test_a_revoked_key_ends_its_sessions_at_once(at_desk: AtDesk, shop: Terminal) -> None:
    eve = await at_desk.person("eve-at-desk", Role.OPERATE)
    assert (await eve.get("/desk/")).status == 200

    assert shop.starter("keys", "revoke", "eve-at-desk").code == 0

    assert (await eve.get("/desk/")).status == 303
    page = await eve.show("/desk/sign-in")
    assert page.has_form("/sign-in"), "and somebody else can sign in"


async def test_signing_out(at_desk: AtDesk) -> None:
    ada, elsewhere = [await at_desk.person("ada", Role.SUBMIT) for _ in range(2)]
    another = await at_desk.nobody()
    kept = {one.key: one.value for one in ada.session.cookie_jar}

    answer = await ada.submit((await ada.show("/desk/")).form("/sign-out"))

    assert answer.goes_to == "/desk/sign-in"
    assert (await ada.get("/desk/")).status == 303
    another.session.cookie_jar.update_cookies(kept, URL(another.url))
    assert (await another.get("/desk/")).status == 303, "it is over for whoever kept its cookie too"
    assert (await elsewhere.get("/desk/")).status == 200, "another session of the key goes on"


async def test_a_link_signs_in_once(at_desk: AtDesk, shop: Terminal) -> None:
    browser, another = await at_desk.nobody(), await at_desk.nobody()
    path = f"/desk/sign-in/link?token={signing(at_desk.door).link_token(new_key_id())}"

    assert (await browser.get(path)).goes_to == "/desk/"
    assert "local (operate)" in (await browser.show("/desk/")).text
    again = await another.get(path)
    assert (again.status, "once" in again.text) == (403, True)
    assert "too old" in (await another.get("/desk/sign-in/link?token=x")).text
    kept = {one.key: one.value for one in browser.session.cookie_jar}
    await browser.submit((await browser.show("/desk/")).form("/sign-out"))
    another.session.cookie_jar.update_cookies(kept, URL(another.url))
    assert (await another.get("/desk/")).status == 303, "it is over for whoever kept its cookie too"
    path = f"/desk/sign-in/link?token={signing(at_desk.door).link_token(new_key_id())}"
    assert (await browser.get(path)).goes_to == "/desk/"
    assert (await another.get("/desk/sign-in/link")).status == 422

    assert shop.starter("keys", "revoke", "local").code == 0
    assert (await browser.get("/desk/")).status == 303


async def test_every_answer_has_the_headers(at_desk: AtDesk) -> None:
    ada, nobody = await at_desk.person("ada", Role.SUBMIT), await at_desk.nobody()
    answers = [
        await ada.get(path) for path in (*PAGES, "/desk", "/desk/nowhere", "/desk/orders/x/y/z")
    ]
    answers += [await nobody.get(path) for path in ("/desk/", "/desk/sign-in")]
    answers += [await nobody.get(f"/desk/static/{one}") for one in ("desk.css", "desk.js", "no")]
    answers.append(await ada.post("/desk/approvals", {}))

    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    wrong = [answer for answer in answers if answer.status >= 400]
    assert {answer.headers["Content-Type"] for answer in wrong} == {"text/html; charset=utf-8"}


async def test_the_cookie_opens_the_desk_alone(at_desk: AtDesk) -> None:
    olga = await at_desk.person("olga", Role.OPERATE)

    assert (await olga.get("/orders")).status == 401
    assert (await olga.post("/orders/x/cancel", {})).status == 401
