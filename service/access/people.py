"""People whom an issuer of OpenID Connect knows: their tokens, their roles, and how they sign in.

The name and the role are what the token says; nothing is stored of either. The names are the same
people's as those of access keys.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import JsonValue, SecretStr

from bootstrap import identity_provider
from config import Settings
from models import DecisionChannel, Principal, Role
from providers.errors import ProviderError, TokenRefused
from providers.identity import Claims, IdentityProvider, SignInAttempt
from service import values
from service.access.keys import PREFIX
from service.errors import BadInput, IssuerUnreachable, NotAdmitted, NotKnown

__all__ = [
    "People",
    "SignInAttempt",
    "new_attempt",
    "opened_people",
    "role_in",
    "user_id_in",
]

Answer = TypeVar("Answer")

_ROLES = ", ".join(Role)


class People:
    """Tells who somebody is whom the issuer knows.

    ``host`` is the issuer's; ``sign_in_here`` whether people can sign in at a page of the issuer.
    """

    def __init__(self, issuer: IdentityProvider, settings: Settings) -> None:
        self.host = urlsplit(settings.oidc_issuer or "").netloc
        self.sign_in_here = settings.oidc_client_id is not None
        self._issuer = issuer
        self._settings = settings

    async def principal_of_token(self, token: SecretStr) -> Principal:
        """Return whose access token this is.

        Raise NotKnown for one that does not count, NotAdmitted for somebody without a role or a
        name of ours, IssuerUnreachable if that cannot be told now.
        """
        return self._principal(await self._told(self._issuer.claims_of_token(token)))

    async def sign_in_url(self, attempt: SignInAttempt, redirect_uri: str) -> str:
        """Return where somebody signs in at the issuer; raise IssuerUnreachable."""
        return await self._told(self._issuer.sign_in_url(attempt, redirect_uri))

    async def principal_of_code(
        self, code: SecretStr, attempt: SignInAttempt, redirect_uri: str
    ) -> Principal:
        """Return who has just signed in at the issuer; raise as ``principal_of_token``."""
        claims = self._issuer.claims_of_code(code, attempt, redirect_uri)
        return self._principal(await self._told(claims))

    async def _told(self, call: Awaitable[Answer]) -> Answer:
        try:
            return await call
        except TokenRefused as error:
            raise NotKnown(str(error)) from None
        except ProviderError as error:
            raise IssuerUnreachable(
                f"the issuer {self.host} does not tell who you are: {error}"
            ) from None

    def _principal(self, claims: Claims) -> Principal:
        settings = self._settings
        role = role_in(claims, settings.oidc_roles_claim)
        if role is None:
            raise NotAdmitted(
                f"the claim {settings.oidc_roles_claim} of the token has none of {_ROLES}"
            )
        name = user_id_in(claims, settings.oidc_name_claim)
        return Principal(name=name, role=role, channel=DecisionChannel.HTTP)


@asynccontextmanager
async def opened_people(settings: Settings) -> AsyncIterator[People | None]:
    """Yield them, or None if no issuer is set; the issuer is not asked yet."""
    async with AsyncExitStack() as closing:
        if settings.oidc_issuer is None:
            yield None
        else:
            yield People(identity_provider(settings, closing), settings)


def new_attempt() -> SignInAttempt:
    """Return an attempt to sign in that nobody can guess."""
    return SignInAttempt(
        secrets.token_urlsafe(16), secrets.token_urlsafe(16), SecretStr(secrets.token_urlsafe(32))
    )


def role_in(claims: Claims, path: str) -> Role | None:
    """Return the highest role in a claim: a list, or words in one text; None if it has none."""
    claim = _claim(claims, path)
    words = claim.split() if isinstance(claim, str) else claim
    if not isinstance(words, list):
        return None
    return next((role for role in reversed(Role) if role.value in words), None)


def user_id_in(claims: Claims, path: str) -> str:
    """Return the user id in a claim; raise NotAdmitted if it is none."""
    claim = _claim(claims, path)
    try:
        name = values.user_id(claim if isinstance(claim, str) else "", "NAME")
    except BadInput:
        name = PREFIX
    if name.startswith(PREFIX):
        raise NotAdmitted(
            f"the claim {path} of the token is no user id: it must be 1 to 40 letters, digits, "
            f"'.', '_' or '-', the first a letter or digit, and not begin with {PREFIX}"
        )
    return name


def _claim(claims: Claims, path: str) -> JsonValue:
    """Return a claim by its name, which may have dots, or by the path to it; None if not there."""
    if path in claims:
        return claims[path]
    found: JsonValue = dict(claims)
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found
