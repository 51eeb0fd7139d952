"""Pages: templates filled in, and the headers that every answer of the desk has."""

import contextlib
import datetime as dt
import re
from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from service.errors import ServiceError
from service.runs.step_words import without_names
from web.backend import backend_of
from web.desk.signed_in.sessions import FORM_TOKEN, PATH, SAID_COOKIE
from web.desk.signed_in.viewer import NotSignedIn, Viewer, sessions_of, viewer
from workflows import purchase_wording, wording

HERE = Path(__file__).resolve().parent

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def in_time(when: dt.datetime) -> str:
    """Say how long it is until a time, or since: ``in 2 h``, ``5 min ago``."""
    seconds = (when - dt.datetime.now(dt.UTC)).total_seconds()
    words = _span(abs(seconds))
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds // 1:.0f} s"


_DUPLICATE = (
    "if it is a duplicate, cancel it; if it is another purchase, correct it ",
    "if it is a duplicate, discard it; if it is another purchase, confirm it ",
)
"""What runs say of a likely duplicate, and the same in the words of the desk's buttons."""


def sentence_of(words: str, names: Collection[str] = ()) -> str:
    """Write words as a sentence; an id or a name at its beginning stays as it is."""
    first = words.partition(" ")[0].rstrip(":,")
    is_word = first.replace("'", "").isalpha() and first not in names
    end = "" if words.endswith((".", "!", "?")) else "."
    return f"{words[:1].upper() if is_word else words[:1]}{words[1:]}{end}"


_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "money": wording.money,
    "moment": wording.moment,
    "facts": purchase_wording.facts,
    "line_item": purchase_wording.line_item,
    "in_time": in_time,
    "at_desk": lambda words: words.replace(*_DUPLICATE),
    "plainly": without_names,
    "sentence": sentence_of,
    "words": lambda name: str(name).replace("_", " "),
}
_TEMPLATES.globals |= {"desk": PATH, "form_token_name": FORM_TOKEN}


def page(
    request: Request,
    name: str,
    seen_by: Viewer | None,
    status: HTTPStatus = HTTPStatus.OK,
    **values: object,
) -> HTMLResponse:
    """Return a page, made from the template of this name; it shows once what was done before it."""
    values.setdefault("form_token", seen_by.form_token if seen_by else "")
    cookie = request.cookies.get(SAID_COOKIE) if seen_by else None
    said = sessions_of(request).said_in(cookie, seen_by.session) if seen_by and cookie else None
    html = _TEMPLATES.get_template(name).render(
        viewer=seen_by, path=request.url.path, said=said, **values
    )
    answer = HTMLResponse(html, status)
    if cookie:
        answer.delete_cookie(SAID_COOKIE, path=PATH)
    return answer


_HEADINGS = {
    HTTPStatus.BAD_REQUEST: "That cannot be used",
    HTTPStatus.FORBIDDEN: "That is not allowed",
    HTTPStatus.NOT_FOUND: "That is not here",
    HTTPStatus.METHOD_NOT_ALLOWED: "That cannot be done",
    HTTPStatus.CONFLICT: "That cannot be done",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something is missing",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not just now",
}

_ABOUT = re.compile(rf"{PATH}/(order|receipt)s/([^/]+)(/.*)?")


async def error_page(
    request: Request, status: HTTPStatus, words: str, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """Return a page that says in one sentence what is wrong, with the way back."""
    path = request.url.path
    about = _ABOUT.fullmatch(path) if status is not HTTPStatus.NOT_FOUND else None
    names = {*unquote(path).split("/"), *request.query_params.values()}
    answer = page(
        request,
        "error.html",
        await _viewer(request),
        status,
        title=_HEADINGS.get(status, "That cannot be done"),
        words=sentence_of(without_names(words), names),
        about=about and f"{about[1]} {unquote(about[2])}",
        about_path=about and f"{PATH}/{about[1]}s/{about[2]}",
    )
    answer.headers.update(headers or {})
    return answer


async def _viewer(request: Request) -> Viewer | None:
    """Return who is signed in, for the menu; None also if that cannot be told just now."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is not None:
        return known
    with contextlib.suppress(NotSignedIn, ServiceError):
        return await viewer(request, backend_of(request), sessions_of(request))
    return None
