"""Every error as problem details (RFC 9457), translated once.

The service layer says what is wrong in one sentence; here it gets its HTTP status.
"""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service import values
from service.errors import (
    BadInput,
    Fault,
    NotAdmitted,
    NotFound,
    NotKnown,
    ServiceError,
    Unreachable,
    WrongFields,
)
from service.spelling import Spelling

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 5
"""When to ask again after 503: a server that went away needs some seconds to come back."""

MAX_VALUE_CHARACTERS = 60

OUR_FAULT = "something went wrong here, and was noted in the log"

_LOGGER = logging.getLogger(__name__)


class WrongField(BaseModel):
    """One fault of a document: ``pointer`` is a JSON Pointer (RFC 6901) to it."""

    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """What went wrong, as RFC 9457 has it; ``errors`` lists the faults of a document."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[WrongField] | None = Field(default=None)


def refusals(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of answers with these statuses."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}  # web/document.py adds it
    return {
        status.value: {
            "description": status.phrase,
            "content": {PROBLEM_JSON: {"schema": schema}},
        }
        for status in statuses
    }


EVERYWHERE = refusals(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any route may answer; 422 also keeps the framework's own description of it out."""


class Problem(Exception):
    """An error of the door itself, such as a missing key; ``headers`` go with the answer."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


_STATUSES: tuple[tuple[type[ServiceError], HTTPStatus], ...] = (
    (WrongFields, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadInput, HTTPStatus.BAD_REQUEST),
    (NotKnown, HTTPStatus.UNAUTHORIZED),
    (NotAdmitted, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Unreachable, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first that fits counts."""


def status_of(error: ServiceError) -> HTTPStatus:
    """Return the HTTP status of a service error."""
    # Refused, and a run that failed or cannot go on: what was asked conflicts with where it stands.
    found = (status for kind, status in _STATUSES if isinstance(error, kind))
    return next(found, HTTPStatus.CONFLICT)


def told(error: ServiceError, path: str) -> str:
    """Return what a caller is told of an error; what they need not know goes to the log."""
    words = error.for_callers()
    if words != str(error):
        _LOGGER.warning("%s: %s", values.storable(path)[:MAX_VALUE_CHARACTERS], error)
    return words


def answer_to(error: ServiceError, request: Request) -> JSONResponse:
    """Return the problem details of a service error."""
    status = status_of(error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, Unreachable) else {}
    faults = error.faults if isinstance(error, WrongFields) else ()
    detail = told(error, request.url.path)
    return problem(request, status, detail, headers, [_wrong_field(one) for one in faults])


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: Sequence[WrongField] = (),
) -> JSONResponse:
    """Return an answer that says what is wrong; ``instance`` is the path that was asked for."""
    details = ProblemDetails(
        title=status.phrase,
        status=status,
        detail=values.storable(detail),
        instance=values.storable(request.url.path),
        errors=list(errors) or None,
    )
    return JSONResponse(
        details.model_dump(exclude_none=True), status, headers, media_type=PROBLEM_JSON
    )


def install(app: FastAPI) -> None:
    """Let every error of an application be answered with problem details."""

    @app.exception_handler(ServiceError)
    async def of_service(request: Request, error: ServiceError) -> JSONResponse:
        return answer_to(error, request)

    @app.exception_handler(Problem)
    async def of_door(request: Request, error: Problem) -> JSONResponse:
        return problem(request, error.status, error.detail, error.headers)

    @app.exception_handler(Exception)
    async def of_ours(request: Request, _error: Exception) -> JSONResponse:
        # The server logs it, once, because the framework raises it again.
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, OUR_FAULT)

    app.add_exception_handler(ClientDisconnect, unanswered)

    @app.exception_handler(RequestValidationError)
    async def of_parameters(request: Request, error: RequestValidationError) -> JSONResponse:
        spelling = Spelling(error.body)
        faults = [_wrong_parameter(fault, spelling) for fault in error.errors()]
        detail = "; ".join(fault.detail for fault in faults)
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=faults)

    @app.exception_handler(HTTPException)
    async def of_routing(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        words = {
            HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path[:MAX_VALUE_CHARACTERS]}",
            HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here",
        }
        return problem(
            request, status, words.get(status, str(error.detail)), dict(error.headers or {})
        )


class _NoAnswer(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


async def unanswered(_request: Request, _error: Exception) -> Response:
    """Answer nothing: the client left before it had sent what it announced."""
    return _NoAnswer()


def fault_objects(error: WrongFields) -> list[dict[str, str]]:
    """Return the faults of a document as objects of JSON."""
    return [_wrong_field(fault).model_dump() for fault in error.faults]


def _wrong_field(fault: Fault) -> WrongField:
    return _field(_pointer(fault.path), fault.message)


def _field(pointer: str, detail: str) -> WrongField:
    return WrongField(pointer=values.storable(pointer), detail=values.storable(detail))


def _pointer(path: Sequence[str | int]) -> str:
    """Return a JSON Pointer: ``/items/0/sku``; RFC 6901, 3 escapes ``~`` and ``/``."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _wrong_parameter(fault: dict[str, Any], spelling: Spelling) -> WrongField:
    """Return a fault that the framework found; one of a body by the names that the body has."""
    place, path = fault["loc"][0], fault["loc"][1:]
    if place == "body":
        # What is no JSON has no names: the framework says at which character it ends.
        path = () if fault["type"] == "json_invalid" else spelling.path(path)
        pointer, name = _pointer(path), ".".join(map(str, path)) or "the body"
    else:
        pointer, name = _pointer((place, *path)), ".".join(map(str, path)) or place
    message = fault["msg"]
    return _field(pointer, f"{name}: {message[:1].lower()}{message[1:]}")
