"""JSON over HTTP: every answer becomes a model, or an error that a retry policy can use.

Without it each provider would have to handle, or would miss, HTML from a proxy, a missing
field, and a status that means "try later" rather than "no".
"""

import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from yarl import URL

from models import Ledger, Model
from providers.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.transport.http_session import HttpAnswer, HttpSession
from providers.transport.retry_after import retry_after_seconds

_MAX_MESSAGE_LENGTH = 200

Answer = TypeVar("Answer", bound=BaseModel)
Refusals = Mapping[str, type[ProviderError]]

_BY_CODE: Refusals = {"idempotency_key_reused": IdempotencyKeyReused}
_TRY_AGAIN = (408, 409, 425)
"""Request timeout, a request with the same key is being processed, too early."""


class _Problem(Model):
    code: str
    message: str = ""


class _ErrorAnswer(Model):
    error: _Problem


Row = TypeVar("Row", bound=BaseModel)


class Listing(Model, Generic[Row]):
    """An answer that holds a list, or a page of it if it ``has_more``."""

    data: Ledger[Row]
    has_more: bool = False


class HttpApi:
    """Client of an HTTP API with a bearer key.

    Errors have the form ``{"error": {"code", "message"}}``.
    """

    def __init__(
        self, base_url: str, api_key: SecretStr, session: HttpSession | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._session = session or HttpSession()

    async def send(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        refusals: Refusals | None = None,
        secret: SecretStr | None = None,
    ) -> Answer:
        """Send one request and return the answer, parsed as the model ``answer``.

        ``path`` must be URL-quoted already. ``refusals`` maps error codes of this call to the
        errors to raise. ``secret`` is a value of the body that error messages must not repeat.
        Raises ProviderUnavailable, ProviderRateLimited, Unauthorized, UnexpectedAnswer,
        InvalidRequest, IdempotencyKeyReused, PaymentDeclined (status 402), or an error of
        ``refusals``.
        """
        headers = {
            "Authorization": f"Bearer {self._api_key.get_secret_value()}",
            "Accept": "application/json",
        }
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if body is not None:
            headers["Content-Type"] = "application/json"
        got = await self._session.exchange(
            method,
            URL(f"{self._base_url}{path}", encoded=True).with_query(query),
            headers=headers,
            body=None if body is None else json.dumps(body),
        )
        if not 200 <= got.status < 300:
            raise self._error(got, {**_BY_CODE, **(refusals or {})}, secret)
        return _parse(answer, got)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def _error(
        self, got: HttpAnswer, refusals: Refusals, secret: SecretStr | None
    ) -> ProviderError:
        if got.status in (401, 403):
            return Unauthorized(f"{got.where} answered {got.status}: the API key is refused")
        problem = _problem(got.body)
        said = "no readable reason" if problem is None else self._clean(problem, secret)
        message = f"{got.where} answered {got.status}: {said}"
        if got.status == 429 or got.status >= 500:
            error = (
                ProviderRateLimited(message) if got.status == 429 else ProviderUnavailable(message)
            )
            error.retry_after_seconds = retry_after_seconds(got.headers)
            return error
        if got.status == 405 and got.where.startswith("DELETE "):
            # The optional part of the contract, which an older API lacks: no proxy's page.
            return InvalidRequest(message)
        if got.status < 400 or problem is None:
            # A redirect, or a proxy's page: the API itself would have sent an error code.
            return UnexpectedAnswer(f"{message} ({got.content_type})")
        if problem.code in refusals or got.status == 402:
            # Customers may read this message, so it does not contain the URL.
            return refusals.get(problem.code, PaymentDeclined)(said)
        return (ProviderUnavailable if got.status in _TRY_AGAIN else InvalidRequest)(message)

    def _clean(self, problem: _Problem, secret: SecretStr | None) -> str:
        text = f"{problem.message} ({problem.code})".strip()
        text = "".join(character for character in text if character.isprintable())
        for hidden in (self._api_key, secret):
            if hidden is not None and hidden.get_secret_value():
                text = text.replace(hidden.get_secret_value(), str(hidden))
        return text[:_MAX_MESSAGE_LENGTH]


def _problem(body: bytes) -> _Problem | None:
    try:
        return _ErrorAnswer.model_validate_json(body).error
    except ValidationError:
        return None


def _parse(answer: type[Answer], got: HttpAnswer) -> Answer:
    if not got.content_type.endswith("json"):
        raise UnexpectedAnswer(f"{got.where} answered {got.content_type} instead of JSON")
    try:
        return answer.model_validate_json(got.body, strict=True)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['type']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise UnexpectedAnswer(
            f"{got.where}: the answer cannot be read: {problems[:_MAX_MESSAGE_LENGTH]}"
        ) from None
