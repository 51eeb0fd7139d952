"""Encrypted histories in the Temporal UI: readable to whoever operates, in their browser alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr

from models import Role
from tests.browser.test_desk import submitted
from tests.encryption.keys import NEW
from tests.support.http_door import Door, open_door
from tests.support.real_browser import Windows

CODEC = re.compile("/desk/codec/decode")

ASK_FROM_HERE = """async url => {
  const body = JSON.stringify({payloads: []});
  try {
    return await (await fetch(url, {method: "POST", credentials: "include", body})).text();
  } catch (error) {
    return error.name;
  }
}"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Yield the door of a stack whose payloads are encrypted."""
    folder = tmp_path_factory.mktemp("encrypted")
    with open_door(folder, payload_encryption_keys=SecretStr(NEW)) as door:
        yield door


async def history_of(windows: Windows, page: Page, order_id: str) -> None:
    """Show an order in the Temporal UI."""
    ui = windows.door.shop.stack.settings.temporal_ui_url
    await page.goto(f"{ui}/namespaces/default/workflows/order-{order_id}")
    await expect(page.get_by_text(f"order-{order_id}").first).to_be_visible()


async def ask_the_desk(windows: Windows, page: Page) -> int:
    """Name the desk as the codec server in the UI's settings; return how it answers the UI."""
    await page.get_by_role("button", name="Configure Codec Server").click()
    settings = page.get_by_role("dialog", name="Codec Server")
    await settings.get_by_label("Use my browser setting").check()
    await settings.get_by_role("textbox").first.fill(f"{windows.door.url}/desk/codec")
    await settings.get_by_text("Include cross-origin credentials").click()
    await settings.get_by_role("button", name="Apply").click()
    await expect(settings).to_be_hidden()
    async with page.expect_response(CODEC) as answer:
        await page.reload()
    return (await answer.value).status


async def test_who_operates_reads_a_history_and_no_longer_once_signed_out(windows: Windows) -> None:
    await submitted(windows, "private")
    page = await windows.of("olga", Role.OPERATE)
    address = page.get_by_text("private@customers.example")
    await history_of(windows, page, "private")
    await expect(address).to_have_count(0)

    assert await ask_the_desk(windows, page) == 200

    await expect(address.first).to_be_visible()
    await page.goto(f"{windows.door.url}/desk/")
    await page.get_by_role("button", name="Sign out").click()
    async with page.expect_response(CODEC) as answer:
        await history_of(windows, page, "private")
    assert (await answer.value).status == 401
    await expect(address).to_have_count(0)


async def test_who_approves_reads_nothing_there(windows: Windows) -> None:
    await submitted(windows, "not-grace-s")
    page = await windows.of("grace", Role.APPROVE)
    await history_of(windows, page, "not-grace-s")

    assert await ask_the_desk(windows, page) == 403

    await expect(page.get_by_text("not-grace-s@customers.example")).to_have_count(0)


async def test_pages_of_another_origin_read_nothing_with_the_session(windows: Windows) -> None:
    settings = windows.door.shop.stack.settings
    page = await windows.of("olga", Role.OPERATE)
    url = f"{windows.door.url}/desk/codec/decode"
    assert settings.s3_endpoint_url is not None
    for elsewhere in (
        settings.s3_endpoint_url,  # of the same site, so that the cookie is sent
        settings.temporal_ui_url.replace("127.0.0.1", "localhost"),
    ):
        await page.goto(elsewhere)
        assert await page.evaluate(ASK_FROM_HERE, url) == "TypeError"  # the browser hides it
    await page.goto(settings.temporal_ui_url)
    assert await page.evaluate(ASK_FROM_HERE, url) == "{}"
