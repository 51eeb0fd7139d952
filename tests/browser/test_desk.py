"""People at the desk, in a real browser: with a mouse, by keyboard alone, and on a phone."""

import re

import aiohttp
import pytest
from playwright.async_api import Page, ViewportSize, expect

from models import Role
from sandbox.samples import RECEIPTS
from tests.support.desk import eventually
from tests.support.http_door import Person
from tests.support.real_browser import DESKTOP, PHONE, Windows, assert_fit_for_all, picture
from tests.web.test_orders import camel_case

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
NO_WORDS = re.compile(r"^$")


async def submitted(windows: Windows, order_id: str, cents: int = 32_000) -> None:
    """Submit an order as a program of ada's does."""
    async with aiohttp.ClientSession() as session:
        ada = Person(windows.door.url, windows.door.key("ada", Role.SUBMIT), session)
        assert (await ada.post("/orders", camel_case(order_id, cents))).status == 202


async def uploaded(page: Page, *names: str) -> None:
    """Upload sample receipts."""
    await page.goto("/desk/upload")
    files = [RECEIPTS / name for name in names]
    await page.get_by_label(re.compile("Pictures or PDF files")).set_input_files(files)
    await page.get_by_role("button", name="Upload").click()


async def test_a_photo_becomes_an_expense_while_somebody_watches(windows: Windows) -> None:
    page = await windows.of("mona", Role.SUBMIT)
    await uploaded(page, "grocery.jpg")

    line = page.get_by_role("listitem").filter(has_text="grocery.jpg")
    await expect(line).to_contain_text("completed")
    await picture(page, "upload")
    await line.get_by_role("link", name="grocery.jpg").click()
    await expect(page.get_by_role("status")).to_contain_text("completed")
    await assert_fit_for_all(page)
    await page.get_by_role("link", name="Expenses").click()
    await expect(page.get_by_role("heading", name="1 expense")).to_be_visible()
    await assert_fit_for_all(page)
    await picture(page, "expenses")


LETTER_BY_LETTER = """() => [...document.querySelectorAll("th, td")].filter((cell) => {
  const words = document.createRange();
  words.selectNodeContents(cell);
  const lines = new Set([...words.getClientRects()].map((line) => Math.round(line.top)));
  return cell.offsetParent && lines.size > 2 + cell.textContent.trim().length / 8;
}).map((cell) => cell.textContent)"""
"""The cells of which a line holds but a few letters."""


async def test_tables_can_be_read_on_a_phone(windows: Windows) -> None:
    page = await windows.of("mona-on-the-phone", Role.SUBMIT, PHONE)
    await uploaded(page, "grocery.jpg")
    line = page.get_by_role("listitem").filter(has_text="grocery.jpg")
    await expect(line).to_contain_text("completed")
    for path in ("/desk/expenses", "/docs"):
        await page.goto(path)
        await page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        assert await page.evaluate(LETTER_BY_LETTER) == []
        await assert_fit_for_all(page)
        await picture(page, f"{path.rpartition('/')[2]}-360")


async def test_receipts_are_checked_by_keyboard_alone(windows: Windows) -> None:
    page = await windows.of("nora", Role.SUBMIT)
    await uploaded(page, "cafe-coffee-stain.jpg")
    await expect(
        page.get_by_role("listitem").filter(has_text="cafe-coffee-stain.jpg")
    ).to_contain_text("needs review")
    await page.goto("/desk/")
    await expect(page).to_have_title("(1) Inbox")

    await page.get_by_role("link", name="Check them one after the other").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_title(re.compile("needs review"))
    await assert_fit_for_all(page)
    await picture(page, "receipt")
    await expect(page.get_by_label("Total")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("1,234.50")
    await page.keyboard.press("Enter")
    await expect(page).not_to_have_title(re.compile("needs review"))
    await page.goto("/desk/expenses")
    await expect(page.get_by_role("table").last).to_contain_text("1,234.50")


@SIZES
async def test_an_order_is_approved_and_goes_on(windows: Windows, size: ViewportSize) -> None:
    order_id = f"approved-{size['width']}"
    await submitted(windows, order_id)
    page = await windows.of("grace", Role.APPROVE, size)

    card = page.get_by_role("listitem").filter(has_text=f"order {order_id}")
    await expect(card).to_contain_text("640.00 USD")
    await assert_fit_for_all(page)
    await picture(page, f"inbox-{size['width']}")
    await card.get_by_role("button", name=f"Approve order {order_id}").click()
    await expect(page.get_by_role("listitem").filter(has_text=order_id)).to_have_count(0)

    await page.goto(f"/desk/orders/{order_id}")
    await expect(page.get_by_text("Approved by grace").first).to_be_visible()
    await expect(page.get_by_text("Waits for the next business day")).to_be_visible()
    await assert_fit_for_all(page)
    await picture(page, f"order-{size['width']}")


@SIZES
async def test_an_order_is_cancelled_which_says_what_it_will_undo(
    windows: Windows, size: ViewportSize
) -> None:
    order_id = f"cancelled-{size['width']}"
    await submitted(windows, order_id, 6_000)
    page = await windows.of("olga", Role.OPERATE, size)
    await page.goto(f"/desk/orders/{order_id}")

    await expect(page.get_by_text("Waits for the next business day")).to_be_visible()
    await page.get_by_text("Cancel…").click()
    await page.get_by_role("button", name="Cancel: refunds 120.00 USD, releases 2 items").click()
    await expect(page.get_by_role("status").first).to_contain_text("cancelled")
    await expect(page.get_by_text("Cancel asked for by olga")).to_be_visible()
    await assert_fit_for_all(page)


async def test_what_waits_comes_up_by_itself(windows: Windows) -> None:
    page = await windows.of("grace", Role.APPROVE)
    await submitted(windows, "comes-up")
    await expect(page.get_by_role("listitem").filter(has_text="order comes-up")).to_be_visible()
    await expect(page).to_have_title(re.compile(r"^\(\d+\) Inbox$"))


async def test_what_is_somebody_else_s_is_not_there(windows: Windows) -> None:
    await submitted(windows, "hers")
    page = await windows.of("bob", Role.SUBMIT)
    there = await page.goto("/desk/orders/hers")
    nowhere = await page.goto("/desk/orders/nowhere")
    assert there is not None
    assert nowhere is not None
    assert (there.status, nowhere.status) == (404, 404)
    await assert_fit_for_all(page)


async def test_a_form_without_its_token_is_refused(windows: Windows) -> None:
    await submitted(windows, "no-token")
    page = await windows.of("grace", Role.APPROVE)
    await page.goto("/desk/orders/no-token")
    await page.evaluate("document.querySelectorAll('[name=form_token]').forEach(e => e.remove())")
    async with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        await page.get_by_role("button", name="Approve").first.click()
    assert (await sent.value).status == 403
    await page.goto("/desk/orders/no-token")
    await expect(page.get_by_role("status").first).to_contain_text("awaiting approval")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
async def test_every_page_is_fit_for_all(windows: Windows, size: ViewportSize, scheme: str) -> None:
    page = await windows.open(size, color_scheme=scheme)
    await page.goto("/desk/")
    await assert_fit_for_all(page)
    page = await windows.of("olga", Role.OPERATE, size, color_scheme=scheme)
    for path in ("/desk/", "/desk/upload", "/desk/expenses"):
        await page.goto(path)
        await assert_fit_for_all(page)


async def test_without_javascript_all_but_the_live_part_works(windows: Windows) -> None:
    await submitted(windows, "no-script")
    page = await windows.of("grace", Role.APPROVE, java_script_enabled=False)
    card = page.get_by_role("listitem").filter(has_text="order no-script")

    async def listed() -> int:
        await page.reload()
        return await card.count()

    await eventually(listed, bool)
    await card.get_by_role("button", name="Approve order no-script").click()
    await page.goto("/desk/orders/no-script")
    await expect(page.get_by_text("Approved by grace").first).to_be_visible()
