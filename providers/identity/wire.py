"""What an issuer answers: its metadata, its keys, and the tokens for a code."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, SecretStr, ValidationError
from yarl import URL

from models import AnswerList, Model
from providers.errors import ProviderUnavailable, UnexpectedAnswer
from providers.transport.http_session import HttpAnswer, HttpSession

TIMEOUT_SECONDS = 5.0
"""For one exchange: somebody waits for it."""

MAX_BYTES = 256 * 1024
"""Largest answer: a set of a hundred keys with their certificates."""

OK = 200

Document = TypeVar("Document", bound=BaseModel)


class Metadata(Model):
    """What OpenID Connect Discovery 1.0, section 3, has an issuer publish, as far as we use it."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    token_endpoint_auth_methods_supported: AnswerList[str] = ("client_secret_basic",)


class KeySet(Model):
    """The keys with which an issuer signs (RFC 7517, section 5)."""

    keys: AnswerList[Mapping[str, JsonValue]]


class Tokens(Model):
    """The answer to a code; nothing but the id token is used."""

    id_token: SecretStr


class TokenError(Model):
    """An error of the token endpoint (RFC 6749, section 5.2)."""

    error: str


def issuer_session() -> HttpSession:
    """Return a connection pool with the bounds for an issuer."""
    return HttpSession(timeout_seconds=TIMEOUT_SECONDS, max_body_bytes=MAX_BYTES)


async def fetch(session: HttpSession, url: str, document: type[Document]) -> Document:
    """Return a document that an issuer publishes; raises a retryable error."""
    answer = await session.exchange("GET", URL(url), headers={"Accept": "application/json"})
    if answer.status != OK:
        raise ProviderUnavailable(f"{answer.where} answered {answer.status}")
    return parsed(answer, document)


def parsed(answer: HttpAnswer, document: type[Document]) -> Document:
    """Return the body of an answer; raises UnexpectedAnswer, without a word of the body."""
    try:
        return document.model_validate_json(answer.body)
    except ValidationError:
        raise UnexpectedAnswer(f"{answer.where} answered what cannot be read") from None


async def metadata_of(session: HttpSession, issuer: str) -> Metadata:
    """Return the metadata of an issuer; raises a retryable error.

    Another issuer's, or addresses to which a secret would go unencrypted, are refused.
    """
    found = await fetch(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration", Metadata)
    if found.issuer != issuer:
        raise UnexpectedAnswer("the issuer gives itself another name than OIDC_ISSUER")
    scheme = URL(issuer).scheme
    for url in (found.jwks_uri, found.authorization_endpoint, found.token_endpoint):
        if url is not None and not _is_as_safe(url, scheme):
            raise UnexpectedAnswer(f"the issuer names an address that is no {scheme}:// URL")
    return found


def _is_as_safe(url: str, scheme: str) -> bool:
    try:
        parts = URL(url)
    except ValueError:
        return False
    return bool(parts.host) and parts.scheme in ("https", scheme)
