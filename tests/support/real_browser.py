"""The system's Chromium, driven as a person at the desk drives it: by what is written on it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from models import Role
from tests.support.http_door import Door

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP = ViewportSize(width=1400, height=900)
PHONE = ViewportSize(width=360, height=740)
GRAVE = ("serious", "critical")
DEADLINE_SECONDS = 60.0


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the system's Chromium; fail on a machine that has none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("no Chromium is installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            # In a container there is often no user for its sandbox, and little shared memory.
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        await browser.close()


class Windows:
    """Opens windows, each with cookies of its own, at the desk of one server."""

    def __init__(self, door: Door, browser: Browser, closing: AsyncExitStack) -> None:
        self.door = door
        self._browser = browser
        self._closing = closing

    async def open(self, size: ViewportSize = DESKTOP, **options: Any) -> Page:
        """Open an empty window in which nobody is signed in."""
        context = await self._browser.new_context(
            viewport=size, base_url=self.door.url, locale="en-GB", **options
        )
        self._closing.push_async_callback(context.close)
        context.set_default_timeout(DEADLINE_SECONDS * 1000)
        return await context.new_page()

    async def of(self, name: str, role: Role, size: ViewportSize = DESKTOP, **options: Any) -> Page:
        """Open a window in which somebody has signed in, at their inbox."""
        page = await self.open(size, **options)
        await page.goto("/desk/")
        await page.get_by_label("Access key").fill(self.door.key(name, role))
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/desk/")
        return page


async def assert_fit_for_all(page: Page) -> None:
    """Fail if axe finds something serious, or if the page is wider than its window."""
    found = await Axe().run(page)
    grave = [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html']})"
        for one in found.response["violations"]
        if one["impact"] in GRAVE
    ]
    assert grave == [], page.url
    wider = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{page.url} is {wider} pixels wider than its window"


async def picture(page: Page, name: str) -> None:
    """Save what the window shows in the folder that PICTURES names, if it does.

    Fail if a picture in it cannot be shown.
    """
    await page.evaluate("Promise.all([...document.images].map(one => one.decode()))")
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.jpg", type="jpeg", quality=80)
