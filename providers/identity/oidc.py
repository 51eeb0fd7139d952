"""An issuer of OpenID Connect: its keys check tokens, its page signs people in.

Authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636), and nothing
else: no token ever passes through a browser.
"""

import base64
import hashlib
import hmac
import time
from http import HTTPStatus
from urllib.parse import quote, urlencode

from pydantic import SecretStr, ValidationError
from yarl import URL

from config import Settings
from providers.errors import (
    ProviderRateLimited,
    ProviderUnavailable,
    TokenRefused,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.identity import Claims, SignInAttempt
from providers.identity.remembered import Clock, Remembered
from providers.identity.tokens import (
    ACCESS_TOKEN_TYPES,
    UNKNOWN_KEY,
    Header,
    checked,
    header_of,
    is_id_token,
    key_for,
)
from providers.identity.wire import (
    KeySet,
    Metadata,
    TokenError,
    Tokens,
    fetch,
    issuer_session,
    metadata_of,
    parsed,
)
from providers.transport.http_session import HttpAnswer
from providers.transport.retry_after import retry_after_seconds

UNKNOWN_KEY_SECONDS = 60.0
"""How often at most the keys are fetched because a token names one that is not known."""

_CODE_REFUSED = "the issuer does not take the code: it was used before, or is too old"


class OidcIssuer:
    """The issuer of the settings; implements ``IdentityProvider``."""

    def __init__(self, settings: Settings, clock: Clock = time.monotonic) -> None:
        self._issuer = settings.oidc_issuer or ""
        self._client_id = settings.oidc_client_id or ""
        self._client_secret = settings.oidc_client_secret
        self._audience = settings.oidc_audience or self._client_id
        self._session = issuer_session()
        self._metadata = Remembered(self._fetch_metadata, clock)
        self._keys = Remembered(self._fetch_keys, clock)

    async def claims_of_token(self, token: SecretStr) -> Claims:
        """Return what an access token says; see ``IdentityProvider``."""
        header, claims = await self._checked(token, self._audience)
        if is_id_token(header, claims):
            raise TokenRefused("that is an id token: send the access token")
        return claims

    async def sign_in_url(self, attempt: SignInAttempt, redirect_uri: str) -> str:
        """Return the address at which people sign in; see ``IdentityProvider``."""
        metadata = await self._metadata.value()
        if metadata.authorization_endpoint is None:
            raise UnexpectedAnswer("the issuer names no authorization_endpoint")
        challenge = hashlib.sha256(attempt.verifier.get_secret_value().encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return str(URL(metadata.authorization_endpoint).update_query(asked))

    async def claims_of_code(
        self, code: SecretStr, attempt: SignInAttempt, redirect_uri: str
    ) -> Claims:
        """Return what the id token for a code says; see ``IdentityProvider``."""
        token = await self._exchanged(code, attempt, redirect_uri)
        header, claims = await self._checked(token, self._client_id)
        if header.type in ACCESS_TOKEN_TYPES or claims.get("typ") == "Bearer":
            raise TokenRefused("the issuer answered with no id token")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not _are_same(nonce, attempt.nonce):
            raise TokenRefused("the id token is of another sign-in: its nonce is wrong")
        if not _is_for_us_alone(claims, self._client_id):
            raise TokenRefused("the id token was given to another client")
        return claims

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _fetch_metadata(self) -> Metadata:
        return await metadata_of(self._session, self._issuer)

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.value()
        return await fetch(self._session, metadata.jwks_uri, KeySet)

    async def _checked(self, token: SecretStr, audience: str) -> tuple[Header, Claims]:
        header = header_of(token)
        key = key_for(header, (await self._keys.value()).keys)
        if key is None:
            key = key_for(header, (await self._keys.younger(UNKNOWN_KEY_SECONDS)).keys)
        if key is None:
            raise TokenRefused(UNKNOWN_KEY)
        return header, checked(token, key, self._issuer, audience)

    async def _exchanged(
        self, code: SecretStr, attempt: SignInAttempt, redirect_uri: str
    ) -> SecretStr:
        metadata = await self._metadata.value()
        if metadata.token_endpoint is None:
            raise UnexpectedAnswer("the issuer names no token_endpoint")
        form = {
            "grant_type": "authorization_code",
            "code": code.get_secret_value(),
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier.get_secret_value(),
        }
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if self._client_secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            headers["Authorization"] = _basic(self._client_id, self._client_secret)
        else:
            form["client_id"] = self._client_id
            form["client_secret"] = self._client_secret.get_secret_value()
        answer = await self._session.exchange(
            "POST", URL(metadata.token_endpoint), headers=headers, body=urlencode(form)
        )
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer)
        return parsed(answer, Tokens).id_token


def _refusal(
    answer: HttpAnswer,
) -> TokenRefused | Unauthorized | ProviderUnavailable | ProviderRateLimited:
    """Return what the token endpoint's error means."""
    wait = retry_after_seconds(answer.headers)
    said = f"{answer.where} answered {answer.status}"
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderRateLimited(said, wait)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProviderUnavailable(said)
    try:
        error = TokenError.model_validate_json(answer.body).error
    except ValidationError:
        return ProviderUnavailable(said)
    if error == "invalid_grant":
        return TokenRefused(_CODE_REFUSED)
    return Unauthorized(f"{said}: it refuses OIDC_CLIENT_ID, OIDC_CLIENT_SECRET or SERVER_URL")


def _basic(client_id: str, secret: SecretStr) -> str:
    """Return credentials as RFC 6749, section 2.3.1, has them: encoded as for a form."""
    pair = f"{quote(client_id, safe='')}:{quote(secret.get_secret_value(), safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _are_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def _is_for_us_alone(claims: Claims, client_id: str) -> bool:
    """Tell whether a client is the only one that a token was given to.

    OpenID Connect Core 1.0, section 3.1.3.7, rules 3 to 5.
    """
    party = claims.get("azp")
    if party is not None:
        return party == client_id
    return claims.get("aud") in (client_id, [client_id])
