"""The desk as an application of its own, so that its errors are pages and its answers its own."""

from http import HTTPStatus

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from config import Settings
from service.errors import ServiceError, Unreachable
from service.waiting import WaitingBoard
from web.backend import Backend
from web.desk import (
    approvals,
    expenses,
    inbox,
    live,
    mails,
    oidc,
    orders,
    pictures,
    receipts,
    sign_in,
    upload,
)
from web.desk.pages import HERE, error_page
from web.desk.signed_in.sessions import Sessions
from web.desk.signed_in.viewer import NotSignedIn, to_sign_in
from web.framework import NO_TELEMETRY
from web.problems import OUR_FAULT, RETRY_SECONDS, Problem, status_of, told, unanswered
from web.texts import usable_address


def create_desk(settings: Settings) -> FastAPI:
    """Return the desk, which is mounted under /desk; ``open_desk`` gives it what it works with."""
    desk = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(usable_address)],
        telemetry=NO_TELEMETRY,
    )
    desk.state.sessions = Sessions(settings.server_session_key)
    for routes in (
        sign_in,
        oidc,
        inbox,
        approvals,
        mails,
        live,
        orders,
        receipts,
        pictures,
        upload,
    ):
        desk.include_router(routes.router)
    desk.include_router(expenses.router)
    desk.mount("/static", StaticFiles(directory=HERE / "static"))
    _install_errors(desk)
    return desk


def open_desk(desk: FastAPI, backend: Backend) -> WaitingBoard:
    """Give the desk the backend, once that is open; return the board of what waits."""
    desk.state.backend = backend
    board = desk.state.board = WaitingBoard(backend.client, backend.settings)
    return board


def _install_errors(desk: FastAPI) -> None:
    """Let every error be answered with a page."""

    @desk.exception_handler(NotSignedIn)
    async def of_nobody(request: Request, _error: NotSignedIn) -> Response:
        return to_sign_in(request)

    @desk.exception_handler(ServiceError)
    async def of_service(request: Request, error: ServiceError) -> Response:
        again = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, Unreachable) else None
        return await error_page(request, status_of(error), told(error, request.url.path), again)

    @desk.exception_handler(Problem)
    async def of_door(request: Request, error: Problem) -> Response:
        return await error_page(request, error.status, error.detail, error.headers)

    @desk.exception_handler(RequestValidationError)
    async def of_parameters(request: Request, error: RequestValidationError) -> Response:
        names = sorted({str(fault["loc"][-1]) for fault in error.errors()})
        words = f"what was asked for cannot be used: {', '.join(names)}"
        return await error_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, words)

    @desk.exception_handler(HTTPException)
    async def of_routing(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        words = {
            HTTPStatus.NOT_FOUND: "there is no such page",
            HTTPStatus.METHOD_NOT_ALLOWED: "this page takes no such request",
        }
        return await error_page(request, status, words.get(status, str(error.detail)))

    @desk.exception_handler(Exception)
    async def of_ours(request: Request, _error: Exception) -> Response:
        # The server logs it, once, because the framework raises it again.
        return await error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, OUR_FAULT)

    desk.add_exception_handler(ClientDisconnect, unanswered)
