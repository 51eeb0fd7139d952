"""Enter in a field decides nothing by accident: browsers press the first button of its form."""

import re

import aiohttp
from playwright.async_api import Page, expect

from models import Role
from tests.browser.test_desk import submitted
from tests.support.http_door import Person
from tests.support.real_browser import DESKTOP, PHONE, Windows, assert_fit_for_all, picture
from tests.web.test_orders import stands


async def undecided(windows: Windows, page: Page, *order_ids: str) -> None:
    """Fail if Enter has sent anything, or if one of the orders was decided on."""
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    await page.keyboard.press("Enter")
    # Whatever Enter began has happened before what is asked for after it.
    await page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert "POST" not in sent
    async with aiohttp.ClientSession() as session:
        grace = Person(windows.door.url, windows.door.key("grace", Role.APPROVE), session)
        for order_id in order_ids:
            state = await stands(grace, order_id, status="awaiting_approval")
            assert state["approval"] is None


async def test_enter_in_the_reason_of_a_card(windows: Windows) -> None:
    await submitted(windows, "enter-card")
    for size in (PHONE, DESKTOP):
        page = await windows.of("grace", Role.APPROVE, size)
        card = page.get_by_role("listitem").filter(has_text="order enter-card")
        await card.get_by_text("Reject or give a reason").click()
        await expect(card.get_by_role("button", name=re.compile("^Approve"))).to_have_count(1)
        await expect(card.get_by_role("button", name=re.compile("^Reject"))).to_have_count(1)
        await card.get_by_label("Reason").fill("too dear")
        await assert_fit_for_all(page)
        await picture(page, f"card-{size['width']}")
        await undecided(windows, page, "enter-card")

    await card.get_by_role("button", name="Reject order enter-card").click()
    await expect(page.get_by_role("listitem").filter(has_text="enter-card")).to_have_count(0)
    await page.goto("/desk/orders/enter-card")
    await expect(page.get_by_text("rejected by grace").first).to_contain_text("too dear")


async def test_enter_in_the_reason_of_several(windows: Windows) -> None:
    orders = ("enter-1", "enter-2")
    for order_id in orders:
        await submitted(windows, order_id)
    page = await windows.of("grace", Role.APPROVE)
    for order_id in orders:
        await page.get_by_role("checkbox", name=f"Select order {order_id}").check()
    several = page.get_by_role("group", name="Decide on all that are selected")
    await several.get_by_label("Reason").fill("too dear")
    await undecided(windows, page, *orders)

    await several.get_by_role("button", name="Approve selected").click()
    for order_id in orders:
        await expect(page.get_by_role("listitem").filter(has_text=order_id)).to_have_count(0)


async def test_enter_in_a_reason_on_the_page_of_an_order(windows: Windows) -> None:
    await submitted(windows, "enter-page")
    page = await windows.of("grace", Role.APPROVE)
    await page.goto("/desk/orders/enter-page")
    await page.get_by_label("Reason (if you like)").fill("a good customer")
    await undecided(windows, page, "enter-page")
    await page.get_by_text("Reject…").click()
    await page.get_by_label("Reason", exact=True).fill("too dear")
    await undecided(windows, page, "enter-page")


async def test_enter_presses_nothing_either_after_a_way_back(windows: Windows) -> None:
    await submitted(windows, "enter-back")
    page = await windows.of("grace", Role.APPROVE)
    await page.goto("/desk/orders/enter-back")
    await page.goto("/desk/expenses")
    await page.go_back()
    await page.get_by_label("Reason (if you like)").fill("a good customer")
    await undecided(windows, page, "enter-back")
