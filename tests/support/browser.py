"""Browsers without JavaScript, for people at the desk: they load pages and fill in forms."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import aiohttp

from models import Role
from tests.support.http_door import Door
from tests.support.leaks import found_in

TOKEN = "form_token"
HIDDEN = {"script", "style", "title"}

Values = Mapping[str, str | Sequence[str]]


@dataclass
class Form:
    """A form of a page: where it goes, and what it holds before anybody types."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads forms, links and words, as far as tests ask for them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.title = ""
        self.inline: list[str] = []
        self._inside: list[str] = []
        self._is_in_form = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag in HIDDEN or tag == "button":
            self._inside.append(tag)
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
            self._is_in_form = True
        elif self._is_in_form and tag == "input" and given.get("type") not in ("checkbox", "radio"):
            self.forms[-1].fields[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in_form = False
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        inside = self._inside[-1] if self._inside else ""
        if inside == "title":
            self.title = self.title or words  # pictures have titles too
        if inside in ("script", "style") and words:
            self.inline.append(inside)
        if inside == "button" and self.forms and self._is_in_form and words:
            self.forms[-1].buttons.append(words)
        if inside not in HIDDEN and words:
            self.words.append(words)


class Page:
    """An answer of the desk, read as a page."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, path: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.path = path
        self._read = _Reader()
        if headers.get("Content-Type", "").startswith("text/html"):
            self._read.feed(body.decode())
            assert self._read.inline == [], "the policy allows no inline scripts and styles"

    @property
    def title(self) -> str:
        return self._read.title

    @property
    def text(self) -> str:
        return " ".join(self._read.words)

    @property
    def links(self) -> list[str]:
        return self._read.links

    @property
    def goes_to(self) -> str:
        """Return where an answer sends the browser, which it does to show a page after a form."""
        assert self.status == 303, (self.status, self.text)
        return self.headers["Location"]

    def form(self, action: str) -> Form:
        """Return the first form that is sent to a path that ends so."""
        found = [form for form in self._read.forms if form.action.endswith(action)]
        assert found, (action, self.path, self.text)
        return found[0]

    def has_form(self, action: str) -> bool:
        return any(form.action.endswith(action) for form in self._read.forms)


class Browser:
    """A browser with a cookie jar of its own, that follows nothing by itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        # The jar takes no cookies of addresses without names otherwise.
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def get(self, path: str) -> Page:
        return await self._call("GET", path)

    async def show(self, path: str) -> Page:
        """Load a page that is there."""
        page = await self.get(path)
        assert page.status == 200, (page.status, page.text)
        return page

    async def submit(self, form: Form, typed: Values | None = None) -> Page:
        """Send a form with what it holds, and what is typed into it or pressed."""
        pairs = list(form.fields.items())
        for name, value in (typed or {}).items():
            pairs = [pair for pair in pairs if pair[0] != name]
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return await self._call(form.method.upper(), form.action, data=pairs)

    async def post(self, path: str, data: object) -> Page:
        """Send whatever, as a page of somebody else would."""
        return await self._call("POST", path, data=data)

    async def upload(self, *files: tuple[str, bytes], token: str | None = None) -> Page:
        """Send files with the form of the page for that."""
        page = await self.show("/desk/upload")
        form = aiohttp.FormData()
        form.add_field(TOKEN, page.form("/upload").fields[TOKEN] if token is None else token)
        for name, content in files:
            form.add_field("file", content, filename=name, content_type="application/pdf")
        return await self.post("/desk/upload", form)

    async def sign_in(self, key: str, wanted: str = "/desk/") -> Page:
        """Sign in with a key; return the answer to the form."""
        page = await self.show(f"/desk/sign-in?next={wanted}")
        return await self.submit(page.form("/sign-in"), {"key": key})

    async def _call(self, method: str, path: str, data: object = None) -> Page:
        async with self.session.request(
            method, self.url + path, data=data, allow_redirects=False
        ) as answer:
            body = await answer.read()
            page = Page(answer.status, answer.headers, body, path)
        assert found_in(body.decode(errors="replace")) == [], page.text
        return page


class AtDesk:
    """Opens browsers, and signs people in."""

    def __init__(self, door: Door, closing: AsyncExitStack) -> None:
        self.door = door
        self._closing = closing

    async def nobody(self) -> Browser:
        """Return a browser in which nobody is signed in."""
        return await self._closing.enter_async_context(Browser(self.door.url))

    async def person(self, name: str, role: Role) -> Browser:
        """Return a browser in which somebody is signed in."""
        browser = await self.nobody()
        answer = await browser.sign_in(self.door.key(name, role))
        assert answer.goes_to == "/desk/"
        return browser
