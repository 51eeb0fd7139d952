"""One small client for JSON over HTTP: every answer becomes a model or the right error.

Without it each provider would trust what comes back: HTML from a proxy, a body of 50 MB,
a redirect, an answer that never ends. It never retries; Temporal does. (aiohttp itself may
send a GET or DELETE once more when a pooled connection turns out to be closed.)
"""

import datetime as dt
import email.utils
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import aiohttp
from multidict import CIMultiDictProxy
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

TIMEOUT_SECONDS = 25.0
"""For the whole call; below the 30 s that an activity has, so that the error says what hung."""

MAX_BODY_BYTES = 1024 * 1024
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


class _Error(Model):
    code: str
    message: str = ""


class _ErrorAnswer(Model):
    error: _Error


class HttpApi:
    """An HTTP API with a bearer key and errors of the form ``{"error": {"code", "message"}}``."""

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._timeout_seconds = timeout_seconds
        self._max_body_bytes = max_body_bytes
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        refusals: Refusals = _BY_CODE,
        secret: SecretStr | None = None,
    ) -> Answer:
        """Send one request and give the answer as the model.

        ``refusals`` names the error for codes of this call; ``secret`` is a value of the
        body that no error message may repeat. Raises ProviderUnavailable,
        ProviderRateLimited, Unauthorized, UnexpectedAnswer, InvalidRequest,
        IdempotencyKeyReused, PaymentDeclined, or what ``refusals`` names.
        """
        where = f"{method} {URL(self._base_url).origin()}{path}"
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        try:
            async with self._open_session().request(
                method,
                f"{self._base_url}{path}",
                json=body,
                params=query,
                headers=headers,
                allow_redirects=False,
            ) as response:
                data = await self._read(response, where)
        except TimeoutError:
            raise ProviderUnavailable(
                f"{where}: no answer within {self._timeout_seconds:g} seconds"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderUnavailable(f"{where}: {type(error).__name__}: {error}") from error
        if not 200 <= response.status < 300:
            raise self._error(response, data, where, {**_BY_CODE, **refusals}, secret)
        return _parse(answer, response, data, where)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={
                    "Authorization": f"Bearer {self._api_key.get_secret_value()}",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
                timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
                # A small compressed answer must not become a large one in memory.
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, where: str) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > self._max_body_bytes:
                response.close()
                raise UnexpectedAnswer(
                    f"{where}: the answer is larger than {self._max_body_bytes} bytes"
                )
        return bytes(data)

    def _error(
        self,
        response: aiohttp.ClientResponse,
        data: bytes,
        where: str,
        refusals: Refusals,
        secret: SecretStr | None,
    ) -> ProviderError:
        status = response.status
        problem = _problem(data)
        said = f": {self._clean(f'{problem.message} ({problem.code})', secret)}" if problem else ""
        message = f"{where} answered {status}{said}"
        if status == 429:
            return ProviderRateLimited(message, retry_after(response.headers))
        if status in (401, 403):
            return Unauthorized(f"{where} answered {status}: the API key is refused")
        if status >= 500:
            unavailable = ProviderUnavailable(message)
            unavailable.retry_after_seconds = retry_after(response.headers)
            return unavailable
        if status < 400 or problem is None:
            # A redirect, or a page of some proxy: the API itself would have said why.
            return UnexpectedAnswer(f"{where} answered {status} {response.content_type}, no error")
        by_status = _BY_STATUS.get(status, InvalidRequest)
        return refusals.get(problem.code, by_status)(message)

    def _clean(self, text: str, secret: SecretStr | None) -> str:
        for hidden in (self._api_key, secret):
            if hidden is not None and hidden.get_secret_value():
                text = text.replace(hidden.get_secret_value(), "**********")
        printable = "".join(character for character in text if character.isprintable())
        return printable[:_MAX_MESSAGE_LENGTH]


def retry_after(headers: CIMultiDictProxy[str]) -> float | None:
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
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    seconds = (date - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _problem(data: bytes) -> _Error | None:
    try:
        return _ErrorAnswer.model_validate_json(data).error
    except ValidationError:
        return None


def _parse(
    answer: type[Answer], response: aiohttp.ClientResponse, data: bytes, where: str
) -> Answer:
    if not response.content_type.endswith("json"):
        raise UnexpectedAnswer(f"{where} answered {response.content_type} instead of JSON")
    try:
        return answer.model_validate_json(data, strict=True)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['type']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise UnexpectedAnswer(
            f"{where}: the answer cannot be read: {problems[:_MAX_MESSAGE_LENGTH]}"
        ) from None
