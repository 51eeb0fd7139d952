"""Check a signed token: the signature first, and nothing it says before that.

The algorithms are of public keys only. A token that is signed with none, or with our copy of a
public key as if that were a secret, would otherwise pass for one of the issuer's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import jwt
from pydantic import JsonValue, SecretStr

from providers.errors import TokenRefused, UnexpectedAnswer
from providers.identity import Claims

MAX_CHARACTERS = 16_000
LEEWAY_SECONDS = 30
"""By which clocks may differ."""

ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt")
"""RFC 9068, section 2.1; many issuers write JWT, or nothing."""

_ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""By the type of the key."""

_CURVES = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "ES512": ("P-521",),
    "EdDSA": ("Ed25519", "Ed448"),
}
"""RFC 7518, section 3.4, and RFC 8037, section 3.1."""

_KEY_TYPES = {name: key for key, names in _ALGORITHMS.items() for name in names}

_NO_JWT = "the token is no signed JWT"
_UNUSABLE = "the token has a claim that cannot be used, such as an expiry that is no number"

_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token does not count yet: its time lies in the future"),
    (jwt.InvalidAudienceError, "the token is for another audience"),
    (jwt.InvalidIssuerError, "the token is of another issuer"),
    (jwt.MissingRequiredClaimError, "the token lacks its issuer, its audience or its expiry"),
    (jwt.InvalidSignatureError, "the token is not signed by the issuer"),
    (jwt.InvalidKeyError, "the token is signed with a key that is too weak or of another kind"),
)

UNKNOWN_KEY = "the token is signed with a key that the issuer does not have"


@dataclass(frozen=True)
class Header:
    """What a token says of its own signature, before anybody knows whether it is true."""

    algorithm: str
    key_id: str | None
    type: str


def header_of(token: SecretStr) -> Header:
    """Return the header of a token; raises TokenRefused."""
    text = token.get_secret_value()
    if len(text) > MAX_CHARACTERS:
        raise TokenRefused(f"the token has more than {MAX_CHARACTERS} characters")
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefused(_NO_JWT) from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _KEY_TYPES:
        raise TokenRefused("the token is not signed with a public key's algorithm, such as RS256")
    kind = header.get("typ", "")
    return Header(
        algorithm,
        key_id if isinstance(key_id, str) else None,
        kind.lower() if isinstance(kind, str) else "",
    )


def key_for(header: Header, keys: Iterable[Mapping[str, JsonValue]]) -> jwt.PyJWK | None:
    """Return the key of a set that a token names; None if there is none, or several.

    Raises UnexpectedAnswer if the issuer's own key cannot be used.
    """
    fitting = [
        key
        for key in keys
        if key.get("kty") == _KEY_TYPES[header.algorithm]
        and key.get("crv") in _CURVES.get(header.algorithm, (None,))
        and key.get("use", "sig") == "sig"
        and key.get("alg", header.algorithm) == header.algorithm
        and (header.key_id is None or key.get("kid") == header.key_id)
    ]
    if len(fitting) != 1:
        return None
    try:
        return jwt.PyJWK(dict(fitting[0]), header.algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise UnexpectedAnswer("a key of the issuer cannot be used") from None


def checked(token: SecretStr, key: jwt.PyJWK, issuer: str, audience: str) -> Claims:
    """Return what a token says; raises TokenRefused if it is not for us, or not any more."""
    try:
        claims: Claims = jwt.decode(
            token.get_secret_value(),
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        said = next((words for kind, words in _REASONS if isinstance(error, kind)), _UNUSABLE)
        raise TokenRefused(said) from None
    except (ValueError, OverflowError, RecursionError):
        raise TokenRefused(_UNUSABLE) from None
    return claims


def is_id_token(header: Header, claims: Claims) -> bool:
    """Tell whether a token was made for the one who signs in, and not to call an API with."""
    if header.type in ACCESS_TOKEN_TYPES or claims.get("typ") == "Bearer":
        return False
    return claims.get("typ") == "ID" or bool({"nonce", "at_hash", "c_hash"} & set(claims))
