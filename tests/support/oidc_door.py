"""A server with an issuer, in this process and without Temporal, and browsers that sign in there.

What is asked of it needs the database alone.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config import Settings
from models import Role
from service.access.keys import add_key
from service.access.records import opened_access
from tests.support.browser import Browser, Page
from tests.support.http_door import Person, Reply
from tests.support.local_issuer import CLIENT_ID, CLIENT_SECRET, LocalIssuer

CALLBACK = "/desk/sign-in/oidc/callback"
SESSION_KEY = SecretStr("k" * 40)


@dataclass(frozen=True)
class OpenDoor:
    """A server, the issuer that it asks, and its settings."""

    url: str
    issuer: LocalIssuer
    settings: Settings

    async def key(self, name: str, role: Role) -> str:
        async with opened_access(self.settings) as access:
            return (await add_key(access.keys, name, role)).text.get_secret_value()

    async def call(self, browser: Browser, token: str | None, path: str = "/expenses") -> Reply:
        return await Person(self.url, token, browser.session).get(path)


@asynccontextmanager
async def serving(settings: Settings, listening: socket.socket) -> AsyncIterator[None]:
    """Serve until the end of the block."""
    # Here, as every process of the suite collects what imports this, and it takes half a second.
    import uvicorn

    from server import config_of

    server = uvicorn.Server(config_of(settings))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(60):
            while not server.started:
                assert not task.done(), task
                await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def opened(folder: Path, issuer: LocalIssuer, **more: Any) -> AsyncIterator[OpenDoor]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        settings = Settings(
            state_dir=folder,
            server_port=port,
            server_session_key=SESSION_KEY,
            oidc_issuer=issuer.url,
            **{"oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET, **more},
        )
        async with serving(settings, listening):
            yield OpenDoor(f"http://127.0.0.1:{port}", issuer, settings)


async def begun(browser: Browser, wanted: str = "/desk/") -> str:
    """Press the button of the sign-in page; return the issuer's address that it leads to."""
    page = await browser.show(f"/desk/sign-in?next={wanted}")
    (button,) = [link for link in page.links if "/sign-in/oidc" in link]
    return (await browser.get(button)).goes_to


async def at_issuer(browser: Browser, url: str) -> str:
    """Sign in at the issuer; return the path at the desk that it sends the browser to."""
    async with browser.session.get(url, allow_redirects=False) as answer:
        assert answer.status == 302
        back = answer.headers["Location"]
    assert back.startswith(f"{browser.url}{CALLBACK}?")
    return back.removeprefix(browser.url)


async def signed_in(browser: Browser, wanted: str = "/desk/") -> Page:
    return await browser.get(await at_issuer(browser, await begun(browser, wanted)))


def refused(page: Page, words: str, status: int = 403) -> None:
    """Check that a page says in one sentence why nobody is signed in."""
    assert page.status == status, page.text
    assert words.lower() in page.text.lower(), page.text
