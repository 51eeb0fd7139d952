"""Identity: who people are, as an issuer of OpenID Connect says in its signed tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue, SecretStr

Claims = Mapping[str, JsonValue]
"""What a token says, once it was checked."""


@dataclass(frozen=True)
class SignInAttempt:
    """What binds one sign-in at the issuer to the browser that began it: three random texts.

    ``state`` comes back with the browser, ``nonce`` in the id token, and only who knows
    ``verifier`` can exchange the code (RFC 7636).
    """

    state: str
    nonce: str
    verifier: SecretStr


class IdentityProvider(Protocol):
    """Checks tokens, and signs people in."""

    async def claims_of_token(self, token: SecretStr) -> Claims:
        """Return what an access token says.

        Raises TokenRefused for one that does not count, or a retryable error if that cannot be
        told now.
        """
        ...

    async def sign_in_url(self, attempt: SignInAttempt, redirect_uri: str) -> str:
        """Return the address at which people sign in; raises a retryable error."""
        ...

    async def claims_of_code(
        self, code: SecretStr, attempt: SignInAttempt, redirect_uri: str
    ) -> Claims:
        """Exchange the code that the issuer gave a browser; return what its id token says.

        Raises TokenRefused for a code or a token that does not count, Unauthorized if the issuer
        refuses our client id or secret, or another retryable error.
        """
        ...
