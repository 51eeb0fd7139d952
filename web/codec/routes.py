"""Temporal's remote codec protocol, for whoever may operate.

With a key, as the command line and a UI that passes its own token send it, at ``/codec``; with the
session of the desk, whose cookie is sent to the desk alone, at ``/desk/codec``.
"""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from config import Settings
from models import Role
from service.payloads import PayloadReader, as_sent
from web.backend import OpenBackend
from web.callers import Operator, require
from web.codec.origin import API_PATH, DESK_PATH, PREFLIGHT, origin_of_ui
from web.desk.signed_in.sessions import Sessions
from web.desk.signed_in.viewer import NotSignedIn, viewer
from web.problems import Problem

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Payloads of a page of events, in base64."""

CALLS = tuple(f"{path}/{call}" for path in (API_PATH, DESK_PATH) for call in ("decode", "encode"))


def codec_routes(settings: Settings, sessions: Sessions) -> APIRouter | None:
    """Return the routes; None if payloads are not encrypted."""
    reader = PayloadReader.of(settings)
    if reader is None:
        return None
    router, origin = APIRouter(include_in_schema=False), origin_of_ui(settings)

    # In a thread, because megabytes of payloads would hold up everybody else's requests.
    async def decoded(request: Request) -> Response:
        return _json(await run_in_threadpool(reader.decoded, await request.body()))

    async def unchanged(request: Request) -> Response:
        return _json(await run_in_threadpool(as_sent, await request.body()))

    async def require_operator(request: Request, backend: OpenBackend) -> None:
        if request.headers.get("origin") != origin:
            raise Problem(HTTPStatus.FORBIDDEN, f"only pages of {origin} may ask with a session")
        try:
            signed_in = await viewer(request, backend, sessions)
        except NotSignedIn:
            raise Problem(HTTPStatus.UNAUTHORIZED, "sign in at the desk first") from None
        require(signed_in.principal, Role.OPERATE)

    @router.post(f"{API_PATH}/decode")
    async def decode(request: Request, _operator: Operator) -> Response:
        return await decoded(request)

    @router.post(f"{DESK_PATH}/decode")
    async def decode_by_session(request: Request, backend: OpenBackend) -> Response:
        await require_operator(request, backend)
        return await decoded(request)

    @router.post(f"{API_PATH}/encode")
    async def encode(request: Request, _operator: Operator) -> Response:
        return await unchanged(request)

    @router.post(f"{DESK_PATH}/encode")
    async def encode_by_session(request: Request, backend: OpenBackend) -> Response:
        await require_operator(request, backend)
        return await unchanged(request)

    for path in CALLS:
        router.add_api_route(path, _preflight, methods=["OPTIONS"])
    return router


async def _preflight() -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)


def _json(document: str) -> Response:
    return Response(document, media_type="application/json")
