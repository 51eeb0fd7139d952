"""Sign in with an access key, or by a link that the local stack prints; and sign out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from config import Settings
from models import Role
from service.access.keys import key_id_in
from service.errors import Refused
from web.backend import OpenBackend
from web.desk.pages import page
from web.desk.sessions import COOKIE, HOME, PATH, Session, Sessions
from web.desk.signed_in import (
    NotSignedIn,
    OpenSessions,
    SentForm,
    go_to,
    is_of_desk,
    remember,
    require_own,
    text_in,
    viewer,
)
from web.problems import Problem

router = APIRouter()

LOCAL_USER = "local"
"""As whom a link of the local stack signs in."""

LOOPBACK = ("127.0.0.1", "::1")

Next = Annotated[str, Query(alias="next", max_length=2_000)]


@router.get("/sign-in")
async def form(
    request: Request, backend: OpenBackend, sessions: OpenSessions, wanted: Next = HOME
) -> Response:
    """Ask for a key, unless somebody is signed in already."""
    try:
        await viewer(request, backend, sessions)
    except NotSignedIn:
        return _form(request, backend.settings, sessions, wanted)
    return go_to(wanted if is_of_desk(wanted) else HOME)


@router.post("/sign-in")
async def sign_in(request: Request, backend: OpenBackend, sessions: OpenSessions) -> Response:
    """Begin a session of whoever shows a key."""
    async with request.form(max_files=0, max_fields=10) as sent:
        require_own(sent, request, sessions)
        key, wanted = text_in(sent, "key"), text_in(sent, "next", 2_000)
    principal = await backend.callers.principal_of(key)
    if principal is None:
        wrong = "this is no access key that counts: it may be mistyped, or revoked"
        return _form(request, backend.settings, sessions, wanted, wrong)
    return _admitted(key_id_in(key), backend.settings, sessions, wanted)


@router.get("/sign-in/link")
async def by_link(
    request: Request,
    backend: OpenBackend,
    sessions: OpenSessions,
    token: Annotated[str, Query(max_length=500)],
) -> Response:
    """Begin a session of the local operator, once, for whoever sits at this machine."""
    if request.client is None or request.client.host not in LOOPBACK:
        raise Problem(HTTPStatus.FORBIDDEN, "such a link counts only on the machine itself")
    key_id = sessions.key_id_in(token)
    try:
        if key_id is None:
            raise Refused("this link is too old, or not of this server: start it again for another")
        await backend.callers.admit(key_id, LOCAL_USER, Role.OPERATE)
    except Refused as error:
        raise Problem(HTTPStatus.FORBIDDEN, str(error)) from None
    return _admitted(key_id, backend.settings, sessions, HOME)


@router.post("/sign-out")
async def sign_out(_form: SentForm) -> Response:
    """End the session."""
    answer = go_to(f"{PATH}/sign-in")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _form(
    request: Request, settings: Settings, sessions: Sessions, wanted: str, wrong: str = ""
) -> Response:
    """Return the form, of a session in which nobody is signed in yet."""
    session = sessions.session_in(request.cookies.get(COOKIE))
    if session is None or session.key_id is not None:
        session = Session.new()  # another tab's form is of the same one
    status = HTTPStatus.FORBIDDEN if wrong else HTTPStatus.OK
    answer = page(
        request,
        "sign_in.html",
        None,
        status,
        form_token=sessions.form_token(session),
        wanted=wanted if is_of_desk(wanted) else HOME,
        wrong=wrong,
    )
    return remember(answer, session, sessions, is_secure=is_secure(settings))


def _admitted(key_id: str | None, settings: Settings, sessions: Sessions, wanted: str) -> Response:
    """Return the way to what was asked for, with a session that nobody can have known before."""
    answer = go_to(wanted if is_of_desk(wanted) else HOME)
    return remember(answer, Session.new(key_id), sessions, is_secure=is_secure(settings))


def is_secure(settings: Settings) -> bool:
    """Tell whether browsers reach the desk over TLS alone."""
    return (settings.server_url or "").startswith("https://")
