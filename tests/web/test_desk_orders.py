"""Orders at the desk: what waits, its story, and what can be done with it, by forms alone."""

import asyncio

from models import Role
from tests.support.browser import AtDesk, Browser, Page
from tests.support.desk import eventually
from tests.support.http_door import APPROVERS, Person
from tests.support.terminal import Terminal
from tests.web.test_orders import LARGE, camel_case, stands


async def waiting(person: Person, *order_ids: str) -> None:
    """Submit orders that need an approval, and wait until they ask for it."""
    for order_id in order_ids:
        assert (await person.post("/orders", camel_case(order_id, LARGE))).status == 202
    for order_id in order_ids:
        await stands(person, order_id, status="awaiting_approval")


async def inbox_with(browser: Browser, *words: str) -> Page:
    """Return the inbox once it shows these words: what the server lists lags behind."""
    page: Page = await eventually(
        lambda: browser.show("/desk/"), lambda page: all(word in page.text for word in words)
    )
    return page


async def test_an_order_is_approved_with_one_click(at_desk: AtDesk, ada: Person) -> None:
    await waiting(ada, "click")
    grace = await at_desk.person("grace", Role.APPROVE)

    page = await inbox_with(grace, "order click")
    assert page.title.startswith("(")
    assert "1,200.00 USD" in page.text
    assert "2 \u00d7 mug at 600.00 USD" in page.text
    assert "Expires in" in page.text
    assert "if nobody decides" in page.text
    assert "Submitted by ada" in page.text
    data = {**page.form("/approvals").fields, "order": "click", "verdict": "approve"}
    answer = await grace.post("/desk/approvals", data)

    assert "Approved click." in (await grace.show(answer.goes_to)).text
    assert "Approved click." not in (await grace.show(answer.goes_to)).text
    state = await stands(ada, "click", status="waiting_for_business_day")
    assert state["approval"]["decidedBy"] == "grace"
    assert "order click" not in (await grace.show("/desk/")).text


async def test_several_at_once_and_one_that_refuses(at_desk: AtDesk, ada: Person) -> None:
    await waiting(ada, "many-1", "many-2", "many-3")
    grace = await at_desk.person("grace", Role.APPROVE)
    page = await inbox_with(grace, "order many-1", "order many-2", "order many-3")
    several = page.form("/approvals").fields | {"reason": "too dear", "verdict": "reject"}
    sent = {name: several[name] for name in ("form_token", "reason", "verdict")}

    pairs = [*sent.items(), ("order", "many-1"), ("order", "many-2")]
    decided = await grace.post("/desk/approvals", pairs)
    assert "Rejected 2 orders: too dear." in (await grace.show(decided.goes_to)).text
    for order_id in ("many-1", "many-2"):
        assert (await stands(ada, order_id, status="rejected"))["reason"].endswith("too dear")

    again = await grace.post("/desk/approvals", [*pairs, ("order", "many-3")])
    assert again.status == 409
    assert "Rejected many-3: too dear." in again.text
    assert "Not rejected, many-1: " in again.text
    assert "Not rejected, many-2: " in again.text
    await stands(ada, "many-3", status="rejected")
    nothing = await grace.post("/desk/approvals", sent)
    assert (nothing.status, nothing.title) == (422, "Something is missing")
    assert {"/desk/", "/desk/upload", "/desk/expenses"} <= set(nothing.links)
    no_verdict = [("form_token", sent["form_token"]), ("order", "many-1")]
    assert "Choose first" in (await grace.post("/desk/approvals", no_verdict)).text


async def test_who_may_decide(at_desk: AtDesk, grace: Person) -> None:
    await waiting(grace, "mine")
    submitter, approver, operator = (
        await at_desk.person("ada", Role.SUBMIT),
        await at_desk.person("grace", Role.APPROVE),
        await at_desk.person("olga", Role.OPERATE),
    )

    page = await inbox_with(approver, "order mine", "somebody else has to decide")
    assert "order mine" not in (await submitter.show("/desk/")).text
    assert (await submitter.get("/desk/orders/mine")).status == 404
    data = {"form_token": page.form("/sign-out").fields["form_token"], "order": "mine"}
    refused = await approver.post("/desk/approvals", {**data, "verdict": "approve"})
    assert (refused.status, "grace submitted" in refused.text) == (409, True)
    own = await approver.show("/desk/orders/mine")
    assert not own.has_form("/approve")
    assert not own.has_form("/cancel")

    order = await operator.show("/desk/orders/mine")
    answer = await operator.submit(order.form("/mine/approve"), {"reason": "a good customer"})
    told = (await operator.show(answer.goes_to)).text
    assert "Approved mine: a good customer." in told
    assert "Approved by olga (a good customer)" in told


async def test_a_submitter_decides_on_nothing(at_desk: AtDesk, ada: Person) -> None:
    await waiting(ada, "not-yours")
    browser = await at_desk.person("ada", Role.SUBMIT)
    page = await browser.show("/desk/orders/not-yours")
    data = {"form_token": page.form("/sign-out").fields["form_token"], "order": "not-yours"}

    assert (await browser.post("/desk/approvals", {**data, "verdict": "approve"})).status == 403
    for action in ("approve", "cancel", "pause", "retry"):
        assert (await browser.post(f"/desk/orders/not-yours/{action}", data)).status == 403
    assert (await browser.get("/desk/orders/not-yours/retry")).status == 403


async def test_an_orders_story_and_what_its_buttons_do(at_desk: AtDesk, ada: Person) -> None:
    await ada.post("/orders", camel_case("told"))
    await stands(ada, "told", status="waiting_for_business_day")
    olga = await at_desk.person("olga", Role.OPERATE)

    page = await olga.show("/desk/orders/told")
    assert page.title == "Order told: waiting for business day"
    assert "Done: charge 29.00 USD" in page.text
    assert page.form("/told/cancel").buttons == ["Cancel: refunds 29.00 USD, releases 2 items"]
    assert any("/namespaces/" in link for link in page.links)

    await olga.submit(page.form("/told/pause"))
    paused = await olga.show("/desk/orders/told")
    assert "paused" in paused.text
    await olga.submit(paused.form("/told/resume"))
    resumed = await olga.show("/desk/orders/told")
    await olga.submit(resumed.form("/told/cancel"))
    await stands(ada, "told", status="cancelled")

    over = await olga.show("/desk/orders/told")
    assert not over.has_form("/told/cancel")
    assert "/desk/orders/told/retry" in over.links
    late = await olga.submit(resumed.form("/told/cancel"))
    assert (late.status, late.title) == (409, "That cannot be done")
    assert "order-told cannot be cancelled: it is over (cancelled)." in late.text
    assert {"/desk/orders/told", "/desk/", "/desk/expenses"} <= set(late.links)

    plan = await olga.show("/desk/orders/told/retry")
    assert "This would be try 2" in plan.text
    again = await olga.submit(plan.form("/retry"), {"payment_token": "tok_mastercard"})
    assert again.goes_to == "/desk/orders/told"
    await stands(ada, "told", tryNumber=2, status="waiting_for_business_day")


async def test_an_open_page_hears_what_happens(at_desk: AtDesk, ada: Person) -> None:
    await ada.post("/orders", camel_case("heard"))
    await stands(ada, "heard", status="waiting_for_business_day")
    olga, bob = await at_desk.person("olga", Role.OPERATE), await at_desk.person("bob", Role.SUBMIT)
    path = "/desk/orders/heard/events"

    listening = asyncio.create_task(olga.get(path))
    page = await olga.show("/desk/orders/heard")
    await olga.submit(page.form("/heard/expedite"))
    told = await asyncio.wait_for(listening, 60)

    assert told.headers["Content-Type"].startswith("text/event-stream")
    assert told.headers["Cache-Control"] == "no-store"
    assert b"event: end" in told.body
    assert (await bob.get(path)).status == 404


async def test_finding_and_what_is_not_there(at_desk: AtDesk, ada: Person) -> None:
    await ada.post("/orders", camel_case("found"))
    browser, bob = (
        await at_desk.person("ada", Role.SUBMIT),
        await at_desk.person("bob", Role.SUBMIT),
    )

    assert (await browser.get("/desk/find?id=found")).goes_to == "/desk/orders/found"
    for path in ("/desk/find?id=found", "/desk/orders/found", "/desk/orders/missing"):
        hidden = await bob.get(path)
        assert hidden.status == 404
        assert hidden.title == "That is not here"
        assert "/desk/upload" in hidden.links
    nowhere = await browser.get("/desk/find?id=nonexist")
    assert "There is no order or receipt 'nonexist'." in nowhere.text
    assert (await browser.get("/desk/find")).status == 422
    assert (await browser.get("/desk/no-such-page")).form("/sign-out")
    assert (await browser.get("/")).goes_to == "/desk/"
    operator = await at_desk.person("olga", Role.OPERATE)
    form = (await operator.show("/desk/")).form("/sign-out").fields
    assert (await operator.post("/desk/orders/found/explode", form)).status == 404


async def test_approvers_hear_of_an_order_once_with_a_link_to_its_page(
    at_desk: AtDesk, ada: Person, shop: Terminal
) -> None:
    await waiting(ada, "mailed")
    link = f"{at_desk.door.url}/desk/orders/mailed"

    async def told() -> list[str]:
        return [mail.file for mail in shop.mails(APPROVERS) if "Order mailed over" in mail.subject]

    (file,) = await eventually(told, bool)
    assert link in (shop.stack.settings.state_dir / "mailbox" / file).read_text()
    grace = await at_desk.person("grace", Role.APPROVE)
    assert "mailed" in (await grace.show(link.removeprefix(at_desk.door.url))).title
