"""HTTP of the sandbox: who may call, what a request holds, how an answer leaves or does not.

Every error has one JSON shape, so that a caller never has to guess; no body and no token is
ever logged.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import BaseModel, ValidationError

from sandbox.provider_api.effects import refusal
from sandbox.provider_api.idempotency import Delivery, Outcome
from sandbox.provider_api.ledger import Answer

logger = logging.getLogger(__name__)

MAX_KEY_LENGTH = 255

_HANG_SECONDS = 600
"""How long a call hangs: longer than the patience of any caller."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = TypeVar("Body", bound=BaseModel)


class Refused(Exception):
    """A request that is answered before it becomes a call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body["error"]["code"])
        self.answer = answer


def guarded_by(api_key: str, *, open_paths: frozenset[str]) -> Middleware:
    """Return middleware that demands the bearer key and answers every error as JSON."""
    expected = f"Bearer {api_key}".encode()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("Authorization", "").encode()
        if request.path not in open_paths and not hmac.compare_digest(sent, expected):
            return as_response(refusal(401, "unauthorized", "the bearer key is missing or wrong"))
        try:
            return await handler(request)
        except Refused as refused:
            return as_response(refused.answer)
        except web.HTTPException as error:
            code = (error.reason or "error").lower().replace(" ", "_")
            return as_response(refusal(error.status, code, f"{request.method} {request.path}"))
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return as_response(refusal(500, "internal_error", "see the log of the sandbox"))

    return guard


def idempotency_key(request: web.Request) -> str:
    """Return the key of a call; raise Refused if it has none."""
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise Refused(
            refusal(
                400,
                "idempotency_key_missing",
                f"the header Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters",
            )
        )
    return key


async def read_body(request: web.Request, model: type[Body]) -> tuple[Any, Body]:
    """Return the JSON as it came, which is what a key stands for, and as the model.

    Raise Refused if it is neither.
    """
    try:
        raw = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refused(refusal(400, "invalid_json", "the body is not JSON")) from None
    return raw, checked(raw, model)


def checked(raw: Any, model: type[Body]) -> Body:
    """Return the body as the model; raise Refused, which names what is wrong but no value."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise Refused(refusal(400, "invalid_request", problems)) from None


async def deliver(request: web.Request, outcome: Outcome) -> web.StreamResponse:
    """Send the answer, or do to it what the fault demands."""
    if outcome.delivery is Delivery.HANG:
        await asyncio.sleep(_HANG_SECONDS)
    if outcome.delivery is not Delivery.SEND and request.transport is not None:
        request.transport.abort()
    response = as_response(outcome.answer)
    if outcome.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if outcome.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(outcome.retry_after_seconds)
    return response


def as_response(answer: Answer) -> web.Response:
    """Return the answer as JSON."""
    return web.json_response(answer.body, status=answer.status)
