"""JSON over HTTP: every answer becomes a model or the error that a retry policy needs.

Without it each provider would trust what comes back: HTML from a proxy, a missing field, a
status that means "try later" taken for "no".
"""

import datetime as dt
import email.utils
import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, SecretStr, StringConstraints, ValidationError
from yarl import URL

from models import Model
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
from providers.http_session import HttpAnswer, HttpSession

MAX_RETRY_AFTER_SECONDS = 3_600.0
_MAX_MESSAGE_LENGTH = 200

AnswerText = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""An id or another short text of an answer, which error messages may repeat."""

Answer = TypeVar("Answer", bound=BaseModel)
Refusals = Mapping[str, type[ProviderError]]

_BY_CODE: Refusals = {"idempotency_key_reused": IdempotencyKeyReused}
_BY_STATUS: Mapping[int, type[ProviderError]] = {
    402: PaymentDeclined,
    408: ProviderUnavailable,
    409: ProviderUnavailable,  # a request of the same key is being worked on
    425: ProviderUnavailable,
}


class _Problem(Model):
    code: str
    message: str = ""


class _ErrorAnswer(Model):
    error: _Problem


class HttpApi:
    """An HTTP API with a bearer key and errors of the form ``{"error": {"code", "message"}}``."""

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
        """Send one request and give the answer as the model.

        ``path`` is quoted already. ``refusals`` names the errors for codes of this call;
        ``secret`` is a value of the body that no error message may repeat. Raises
        ProviderUnavailable, ProviderRateLimited, Unauthorized, UnexpectedAnswer,
        InvalidRequest, IdempotencyKeyReused, PaymentDeclined, or what ``refusals`` names.
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
        said = f": {self._clean(f'{problem.message} ({problem.code})', secret)}" if problem else ""
        message = f"{got.where} answered {got.status}{said}"
        if got.status == 429:
            return ProviderRateLimited(message, retry_after(got.headers))
        if got.status >= 500:
            unavailable = ProviderUnavailable(message)
            unavailable.retry_after_seconds = retry_after(got.headers)
            return unavailable
        if got.status < 400 or problem is None:
            # A redirect, or a page of some proxy: the API itself would have said why.
            return UnexpectedAnswer(f"{message} as {got.content_type}, which is no error of it")
        by_status = _BY_STATUS.get(got.status, InvalidRequest)
        return refusals.get(problem.code, by_status)(message)

    def _clean(self, text: str, secret: SecretStr | None) -> str:
        for hidden in (self._api_key, secret):
            if hidden is not None and hidden.get_secret_value():
                text = text.replace(hidden.get_secret_value(), "**********")
        printable = "".join(character for character in text if character.isprintable())
        return printable[:_MAX_MESSAGE_LENGTH]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Give the seconds of ``Retry-After`` (RFC 9110: seconds or an HTTP date), at most an hour.

    Nonsense gives None, so that the ordinary wait applies.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), MAX_RETRY_AFTER_SECONDS)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date with the zone "-0000" comes without one, and means UTC.
    date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
    seconds = (date - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


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
