"""Sign in with an access key, or by a link that the local stack prints; and sign out."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from config import Settings
from models import Role
from service.access.keys import key_id_in
from service.errors import Refused
from web.address import is_secure
from web.backend import Backend, OpenBackend
from web.desk.pages import page
from web.desk.signed_in.sessions import COOKIE, HOME, PATH, SESSION_SECONDS, Session, Sessions
from web.desk.signed_in.viewer import (
    NotSignedIn,
    OpenSessions,
    SentForm,
    SignedIn,
    go_to,
    is_of_desk,
    remember,
    require_own,
    text_in,
    viewer,
)
from web.problems import RETRY_SECONDS, Problem
from web.texts import posted_form

router = APIRouter()

LOCAL_USER = "local"
"""As whom a link of the local stack signs in."""

LOOPBACK = ("127.0.0.1", "::1")

Next = Annotated[str, Query(alias="next", max_length=2_000)]


@router.get("/sign-in")
async def form(
    request: Request, backend: OpenBackend, sessions: OpenSessions, wanted: Next = HOME
) -> Response:
    """Ask for a key, or show the way to the issuer, unless somebody is signed in already."""
    try:
        await viewer(request, backend, sessions)
    except NotSignedIn:
        return sign_in_page(request, backend, sessions, wanted)
    return go_to(wanted if is_of_desk(wanted) else HOME)


@router.post("/sign-in")
async def sign_in(request: Request, backend: OpenBackend, sessions: OpenSessions) -> Response:
    """Begin a session of whoever shows a key."""
    async with posted_form(request, 0, 10) as sent:
        require_own(sent, request, sessions)
        key, wanted = text_in(sent, "key"), text_in(sent, "next", 2_000)
    principal = await backend.callers.principal_of(key)
    if principal is None:
        wrong = "this is no access key that counts: it may be mistyped, or revoked"
        return sign_in_page(request, backend, sessions, wanted, wrong)
    return admitted(key_id_in(key), backend.settings, sessions, wanted)


@router.get("/sign-in/link")
async def by_link(
    request: Request,
    backend: OpenBackend,
    sessions: OpenSessions,
    token: Annotated[str, Query(max_length=500)],
) -> Response:
    """Begin a session of the local operator, once, for whoever sits at this machine."""
    # A proxy on the machine brings in others, and need not be one that says whom.
    is_brought = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if is_brought or request.client is None or request.client.host not in LOOPBACK:
        raise Problem(HTTPStatus.FORBIDDEN, "such a link counts only on the machine itself")
    key_id = sessions.key_id_in(token)
    try:
        if key_id is None:
            raise Refused("this link is too old, or not of this server: start it again for another")
        await backend.callers.admit(key_id, LOCAL_USER, Role.OPERATE)
    except Refused as error:
        raise Problem(HTTPStatus.FORBIDDEN, str(error)) from None
    return admitted(key_id, backend.settings, sessions, HOME, has_own_key=True)


@router.post("/sign-out")
async def sign_out(backend: OpenBackend, viewer: SignedIn, _form: SentForm) -> Response:
    """End the session, also for whoever has kept its cookie."""
    session = viewer.session
    if session.has_own_key and session.key_id is not None:
        await backend.callers.end(session.key_id)
    else:
        await backend.callers.end_session(session.id, dt.timedelta(seconds=SESSION_SECONDS))
    answer = go_to(f"{PATH}/sign-in")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def sign_in_page(
    request: Request,
    backend: Backend,
    sessions: Sessions,
    wanted: str,
    wrong: str = "",
    unreachable: str = "",
) -> Response:
    """Return the page, of a session in which nobody is signed in yet.

    ``wrong`` says what is wrong with the key, ``unreachable`` that the issuer does not answer.
    """
    session = sessions.session_in(request.cookies.get(COOKIE))
    if session is None or session.key_id is not None:
        session = Session.new()  # another tab's form is of the same one
    people = backend.people
    answer = page(
        request,
        "sign_in.html",
        None,
        HTTPStatus.SERVICE_UNAVAILABLE if unreachable else _status(wrong),
        form_token=sessions.form_token(session),
        wanted=wanted if is_of_desk(wanted) else HOME,
        wrong=wrong,
        unreachable=unreachable,
        issuer_host=people.host if people is not None and people.sign_in_here else "",
    )
    if unreachable:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return remember(answer, session, sessions, is_secure=is_secure(backend.settings))


def _status(wrong: str) -> HTTPStatus:
    return HTTPStatus.FORBIDDEN if wrong else HTTPStatus.OK


def admitted(
    key_id: str | None,
    settings: Settings,
    sessions: Sessions,
    wanted: str,
    *,
    has_own_key: bool = False,
) -> Response:
    """Return the way to what was asked for, with a session that nobody can have known before."""
    answer = go_to(wanted if is_of_desk(wanted) else HOME)
    session = Session.new(key_id, has_own_key=has_own_key)
    return remember(answer, session, sessions, is_secure=is_secure(settings))
