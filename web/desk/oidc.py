"""Sign in at the issuer: the way there, and back with a code that counts once.

The browser that comes back must be the one that began: a signed cookie holds what it began with,
so that nobody can be signed in as somebody else by a link.
"""

import hmac
import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from config import Settings
from service.access.keys import new_key_id
from service.access.people import People, new_attempt
from service.errors import IssuerUnreachable, NotAdmitted, NotKnown, Refused
from web.address import is_secure
from web.backend import Backend, OpenBackend
from web.desk.pages import error_page
from web.desk.sign_in import Next, admitted, sign_in_page
from web.desk.signed_in.sessions import (
    ATTEMPT_COOKIE,
    ATTEMPT_PATH,
    ATTEMPT_SECONDS,
    HOME,
    Attempt,
    Sessions,
)
from web.desk.signed_in.viewer import OpenSessions, is_of_desk
from web.problems import RETRY_SECONDS, Problem, status_of

router = APIRouter()

NOT_BEGUN = (
    "this sign-in was not begun in this browser, or more than ten minutes ago: begin again on the "
    "page for signing in"
)

_LOGGER = logging.getLogger(__name__)

Parameter = Annotated[str, Query(max_length=4_000)]


@router.get("/sign-in/oidc")
async def begin(
    request: Request, backend: OpenBackend, sessions: OpenSessions, wanted: Next = HOME
) -> Response:
    """Send the browser to the issuer, with a cookie by which it is known when it comes back."""
    people = _people(backend)
    wanted = wanted if is_of_desk(wanted) else HOME
    attempt = Attempt(new_attempt(), new_key_id(), wanted)
    try:
        url = await people.sign_in_url(attempt.at_issuer, _redirect_uri(backend.settings))
    except IssuerUnreachable as error:
        _LOGGER.warning("nobody can sign in at the issuer: %s", error)
        words = f"{people.host} does not answer: sign in with an access key, or try again later."
        return sign_in_page(request, backend, sessions, wanted, unreachable=words)
    answer = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        ATTEMPT_COOKIE,
        sessions.cookie_of_attempt(attempt),
        max_age=ATTEMPT_SECONDS,
        path=ATTEMPT_PATH,
        secure=is_secure(backend.settings),
        httponly=True,
        samesite="lax",  # strict would keep it back when the issuer sends the browser here
    )
    return answer


@router.get("/sign-in/oidc/callback")
async def come_back(
    request: Request,
    backend: OpenBackend,
    sessions: OpenSessions,
    state: Parameter = "",
    code: Parameter = "",
    error: Parameter = "",
    iss: Parameter = "",
) -> Response:
    """Begin a session of whoever has signed in at the issuer."""
    people = _people(backend)
    attempt = sessions.attempt_in(request.cookies.get(ATTEMPT_COOKIE))
    if attempt is None or not _are_same(attempt.at_issuer.state, state):
        raise Problem(HTTPStatus.FORBIDDEN, NOT_BEGUN)
    answer: Response
    if iss and iss != backend.settings.oidc_issuer:  # RFC 9207: another issuer's answer
        answer = await error_page(request, HTTPStatus.FORBIDDEN, "another issuer sent this answer")
    elif error or not code:
        answer = await error_page(
            request, HTTPStatus.FORBIDDEN, f"{people.host} did not sign you in"
        )
    else:
        answer = await _signed_in(request, backend, sessions, attempt, SecretStr(code))
    answer.delete_cookie(ATTEMPT_COOKIE, path=ATTEMPT_PATH)
    return answer


async def _signed_in(
    request: Request, backend: Backend, sessions: Sessions, attempt: Attempt, code: SecretStr
) -> Response:
    people, settings = _people(backend), backend.settings
    try:
        who = await people.principal_of_code(code, attempt.at_issuer, _redirect_uri(settings))
        await backend.callers.admit(attempt.key_id, who.name, who.role)
    except (NotKnown, NotAdmitted) as wrong:
        return await error_page(request, HTTPStatus.FORBIDDEN, str(wrong))
    except Refused:
        return await error_page(request, HTTPStatus.FORBIDDEN, "this sign-in was used before")
    except IssuerUnreachable as wrong:
        again = {"Retry-After": str(RETRY_SECONDS)}
        return await error_page(request, status_of(wrong), str(wrong), again)
    return admitted(attempt.key_id, settings, sessions, attempt.wanted, has_own_key=True)


def _people(backend: Backend) -> People:
    """Return those whom the issuer knows; raise Problem 404 if nobody can sign in there."""
    if backend.people is None or not backend.people.sign_in_here:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such page")
    return backend.people


def _redirect_uri(settings: Settings) -> str:
    return f"{settings.server_address}{ATTEMPT_PATH}/callback"


def _are_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))
