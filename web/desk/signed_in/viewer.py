"""Who sits at the desk: the session of the cookie, and whose key it stands for just now."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from models import Principal, Role
from web.address import is_secure
from web.admission.places import count_to
from web.backend import Backend, OpenBackend
from web.desk.signed_in.sessions import (
    COOKIE,
    FORM_TOKEN,
    HOME,
    PATH,
    SAID_COOKIE,
    SAID_SECONDS,
    SESSION_SECONDS,
    Session,
    Sessions,
)
from web.problems import Problem
from web.texts import posted_form

MOST_FILES = 100
MOST_FIELDS = 1_000

STALE_FORM = "this form is not of your session: go back, load the page anew and send it again"


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in; ``form_token`` goes into every form that they get."""

    session: Session
    principal: Principal
    form_token: str

    def includes(self, role: str) -> bool:
        """Tell whether they may do what a role may."""
        return self.principal.role.includes(Role(role))


class NotSignedIn(Exception):
    """Nobody is signed in, or their key was revoked: they are sent to sign in."""


def sessions_of(request: Request) -> Sessions:
    """Return what signs the sessions of this application."""
    sessions: Sessions = request.app.state.sessions
    return sessions


async def _opened(request: Request) -> Sessions:
    return sessions_of(request)  # the framework would call a plain function in a thread


OpenSessions = Annotated[Sessions, Depends(_opened)]


async def viewer(request: Request, backend: OpenBackend, sessions: OpenSessions) -> Viewer:
    """Return who is signed in; raise NotSignedIn, or DatabaseUnreachable.

    Raise Problem 503 if they have their share of requests under way.
    """
    session = sessions.session_in(request.cookies.get(COOKIE))
    if session is None or session.key_id is None:
        raise NotSignedIn
    principal = await principal_of(backend, session)
    if principal is None:
        raise NotSignedIn
    request.state.viewer = found = Viewer(session, principal, sessions.form_token(session))
    count_to(request, principal.name)
    return found


SignedIn = Annotated[Viewer, Depends(viewer)]


async def principal_of(backend: Backend, session: Session) -> Principal | None:
    """Return who is signed in in a session; None if it has ended, or its key is revoked."""
    principal = await backend.callers.principal_of_id(session.key_id or "")
    if session.has_own_key or principal is None:
        return principal
    return None if await backend.callers.has_ended(session.id) else principal


async def sent_form(
    request: Request, sessions: OpenSessions, _viewer: SignedIn
) -> AsyncIterator[FormData]:
    """Yield a form that was sent; raise Problem 403 if it is not the session's own."""
    async with posted_form(request, MOST_FILES, MOST_FIELDS) as form:
        require_own(form, request, sessions)
        yield form


SentForm = Annotated[FormData, Depends(sent_form)]


def require_own(form: FormData, request: Request, sessions: Sessions) -> None:
    """Raise Problem 403 if a form was not made for the session of its request."""
    session = sessions.session_in(request.cookies.get(COOKIE))
    if session is None or not sessions.is_form_of(session, form.get(FORM_TOKEN)):
        raise Problem(HTTPStatus.FORBIDDEN, STALE_FORM)


def text_in(form: FormData, name: str, most: int = 500) -> str:
    """Return a field of a form, without blanks around it; empty if it is not there."""
    value = form.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def remember(
    answer: Response, session: Session, sessions: Sessions, *, is_secure: bool
) -> Response:
    """Return an answer that gives a session to the browser."""
    answer.set_cookie(
        COOKIE,
        sessions.cookie_of(session),
        max_age=SESSION_SECONDS,
        path=PATH,
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def to_sign_in(request: Request) -> Response:
    """Return the way to the page for signing in, and from there back to what was asked for."""
    wanted = request.url.path if request.method == "GET" else HOME
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return go_to(f"{PATH}/sign-in?next={quote(wanted + query, safe='')}")


def go_to(path: str) -> Response:
    """Return the way to another page of the desk, which the browser then asks for."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def go_and_say(path: str, words: str, viewer: Viewer, request: Request) -> Response:
    """Return the way to another page, which shows a sentence about what was done."""
    answer = go_to(path)
    answer.set_cookie(
        SAID_COOKIE,
        sessions_of(request).cookie_of_said(viewer.session, words),
        max_age=SAID_SECONDS,
        path=PATH,
        secure=is_secure(request.app.state.backend.settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def is_of_desk(path: str) -> bool:
    """Tell whether a path is one of the desk's own, so that nobody is sent elsewhere."""
    return (path == PATH or path.startswith(f"{PATH}/")) and path.isprintable() and "\\" not in path
