"""The application: its routes, its limits and its errors, in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp
from temporalio.runtime import Runtime

from config import Settings
from service.gauges.refreshing import refreshing
from service.notices import telling
from web import problems, reference
from web.admission.limits import Limits, Window
from web.api import events, expenses, health, order_actions, orders, receipts, review
from web.backend import opened_backend
from web.codec.origin import fields_of
from web.codec.routes import CALLS, codec_routes
from web.codec.routes import MAX_BODY_BYTES as MAX_CODEC_BYTES
from web.desk.app import create_desk, open_desk
from web.desk.pages import HEADERS
from web.desk.signed_in.sessions import HOME as DESK_HOME
from web.desk.signed_in.sessions import PATH as DESK
from web.document import describe, operation_id
from web.framework import NO_TELEMETRY
from web.headers import WithHeaders
from web.problems import EVERYWHERE
from web.texts import usable_address
from web.traces import traced

MAX_BODY_BYTES = 1_000_000
"""Any other body than files and batches."""

MAX_BATCH_BYTES = 256 * 1024 * 1024
WINDOW_SECONDS = 60

_DESCRIPTION = """
Receipts and orders, each a durable run: what is answered with 202 is neither lost nor done twice.

Amounts are in minor units of their currency, times in UTC. Every error is a problem
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
"""


class _Application(FastAPI):
    """FastAPI, with fields around all that answers: middleware has the last resort around it."""

    def build_middleware_stack(self) -> ASGIApp:
        return traced(WithHeaders(super().build_middleware_stack(), self.state.of_codec))


def create_app(settings: Settings, runtime: Runtime | None = None) -> FastAPI:
    """Return the application; it opens what it needs when it is started, but for a ``runtime``."""

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        async with opened_backend(settings, runtime) as backend:
            app.state.backend = backend
            board = open_desk(desk, backend)
            async with (
                telling(settings, board.look),
                refreshing(settings, backend.client, backend.runtime.metric_meter),
            ):
                yield

    desk = create_desk(settings)
    app = _Application(
        title="Durable pipelines",
        version="1",
        description=_DESCRIPTION,
        lifespan=opened,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the framework's redirects name the host that the request named
        generate_unique_id_function=operation_id,
        responses=EVERYWHERE,
        dependencies=[Depends(usable_address)],
        telemetry=NO_TELEMETRY,
    )
    codec = codec_routes(settings, desk.state.sessions)
    app.state.of_codec = {} if codec is None else fields_of(settings)
    problems.install(app)
    describe(app)
    for route in (orders.intake, receipts.intake):
        app.include_router(route)  # first: each that is asked before them costs time
    for routes in (orders, receipts, order_actions, review, events, expenses, health):
        app.include_router(routes.router)
    app.include_router(reference.router)
    if codec is not None:
        app.include_router(codec)  # before the desk, below whose path some of them are
    app.mount(DESK, desk)

    @app.get("/", include_in_schema=False)
    @app.get(DESK, include_in_schema=False)
    async def to_desk() -> RedirectResponse:
        return RedirectResponse(DESK_HOME, HTTPStatus.SEE_OTHER, HEADERS)

    uploads = {
        "/receipts": settings.server_max_upload_bytes,
        f"{DESK}/upload": settings.server_max_upload_bytes,
        "/orders/batch": MAX_BATCH_BYTES,
        **dict.fromkeys(CALLS, MAX_CODEC_BYTES),
    }
    app.add_middleware(
        Limits,
        max_body=MAX_BODY_BYTES,
        uploads=uploads,
        at_once=settings.server_requests_at_once,
        share=settings.server_share,
        window=Window(settings.server_requests_per_minute, WINDOW_SECONDS),
    )
    return app
