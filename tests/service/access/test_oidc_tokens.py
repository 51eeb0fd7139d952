"""Tokens of an issuer: whose they are, and what each wrong one is told in one sentence."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from config import Settings
from models import DecisionChannel, Principal, Role
from service.access.people import People, opened_people, role_in, user_id_in
from service.errors import NotAdmitted
from tests.support.local_issuer import (
    CLIENT_ID,
    EC_KEY,
    LocalIssuer,
    ec_jwk,
    jwk,
    public_pem,
    rsa_key,
)
from tests.support.oidc_people import settings_for, told


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """Return a token put together by hand, which no honest library would sign."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    signature = hmac.digest(secret, signed.encode(), hashlib.sha256) if secret else b""
    return f"{signed}.{part(signature)}"


# --- what counts ------------------------------------------------------------------------------


async def test_whose_token_it_is(people: People, issuer: LocalIssuer) -> None:
    token = issuer.token(preferred_username="grace", roles=["offline_access", "approve"])

    assert await people.principal_of_token(SecretStr(token)) == Principal(
        name="grace", role=Role.APPROVE, channel=DecisionChannel.HTTP
    )
    for _ in range(3):
        await people.principal_of_token(SecretStr(issuer.token()))
    assert issuer.asked == {"discovery": 1, "keys": 1}, "it is not asked for every call"


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256"])
async def test_algorithms_of_public_keys(
    people: People, issuer: LocalIssuer, algorithm: str
) -> None:
    issuer.keys.append(ec_jwk())
    is_ec = algorithm == "ES256"
    token = issuer.token(
        key=EC_KEY if is_ec else None,
        algorithm=algorithm,
        header={"kid": "ec" if is_ec else "first"},
        aud=["another", CLIENT_ID],
    )

    assert (await people.principal_of_token(SecretStr(token))).name == "ada"


async def test_clocks_may_differ_a_little(people: People, issuer: LocalIssuer) -> None:
    now = int(time.time())
    just = issuer.token(exp=now - 10, nbf=now + 10, iat=now + 10)
    assert (await people.principal_of_token(SecretStr(just))).name == "ada"


async def test_an_access_token_by_its_type_may_have_a_nonce(
    people: People, issuer: LocalIssuer
) -> None:
    for token in (
        issuer.token(header={"typ": "at+jwt"}, nonce="x"),
        issuer.token(typ="Bearer", nonce="x"),
    ):
        assert (await people.principal_of_token(SecretStr(token))).name == "ada"


# --- what does not ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1_000_000}, "the token has expired"),
        ({"exp": "soon"}, "the token has a claim that cannot be used"),
        ({"exp": 1e400}, "the token has a claim that cannot be used"),
        ({"sub": 5}, "the token has a claim that cannot be used"),
        ({"nbf": 4_000_000_000}, "the token does not count yet"),
        ({"aud": "another"}, "the token is for another audience"),
        ({"aud": []}, "the token lacks its issuer, its audience or its expiry"),
        ({"aud": f"{CLIENT_ID}-2"}, "the token is for another audience"),
        ({"iss": "http://127.0.0.1:1/realm"}, "the token is of another issuer"),
        ({"without": "exp"}, "the token lacks its issuer, its audience or its expiry"),
        ({"without": "aud"}, "the token lacks its issuer, its audience or its expiry"),
        ({"without": "iss"}, "the token lacks its issuer, its audience or its expiry"),
        ({"key": rsa_key("other")}, "the token is not signed by the issuer"),
        ({"key": rsa_key("other"), "header": {"kid": "other"}}, "with a key that the issuer does"),
        ({"header": {"kid": "../first"}}, "with a key that the issuer does not have"),
        ({"header": {"crit": ["more"], "more": 1}}, "the token is no signed JWT"),
        ({"nonce": "x"}, "that is an id token: send the access token"),
        ({"typ": "ID"}, "that is an id token: send the access token"),
        ({"more": "x" * 20_000}, "the token has more than 16000 characters"),
    ],
)
async def test_a_token_that_does_not_count(
    people: People, issuer: LocalIssuer, claims: dict[str, Any], why: str
) -> None:
    assert why in await told(people, issuer.token(**claims))


async def test_a_token_that_nobody_signed(people: People, issuer: LocalIssuer) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    kid = {"kid": "first"}
    no_algorithm = "not signed with a public key's algorithm"

    for name in ("none", "None", "nOnE", "", None, ["RS256"], {"a": 1}, 5):
        assert no_algorithm in await told(people, forged({"alg": name, **kid}, claims))
    assert no_algorithm in await told(people, forged(kid, claims))
    with_public_key = forged({"alg": "HS256", **kid}, claims, public_pem("first"))
    assert no_algorithm in await told(people, with_public_key)
    assert "not signed by the issuer" in await told(people, forged({"alg": "RS256", **kid}, claims))


async def test_a_token_that_was_changed(people: People, issuer: LocalIssuer) -> None:
    head, _, signature = issuer.token().split(".")
    other = issuer.token(roles=["operate"]).split(".")[1]

    assert "not signed by the issuer" in await told(people, f"{head}.{other}.{signature}")


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\u00e9.\u00e9.\u00e9",
        "eyJhbGciOiJSUzI1NiJ9",
        "W10.e30.x",
        "\0..\ud800",
    ],
)
async def test_what_is_no_token(people: People, rubbish: str) -> None:
    assert "no signed JWT" in await told(people, rubbish)


async def test_a_header_that_is_nested_without_end(people: People) -> None:
    header = base64.urlsafe_b64encode(b"[" * 9_000).decode().rstrip("=")
    assert "no signed JWT" in await told(people, f"{header}.e30.x")


async def test_a_key_that_is_not_for_this(people: People, issuer: LocalIssuer) -> None:
    issuer.keys = [
        jwk("first", use="enc"),
        jwk("other", alg="PS256"),
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "RS256"},
        ec_jwk(),
    ]
    unknown = "with a key that the issuer does not have"

    assert unknown in await told(people, issuer.token())
    other = issuer.token(key=rsa_key("other"), header={"kid": "other"})
    assert unknown in await told(people, other)
    assert unknown in await told(people, issuer.token(header={"kid": "shared"}))
    assert unknown in await told(people, issuer.token(header={"kid": "ec"}))
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    longer = forged({"alg": "ES512", "kid": "ec"}, claims)
    assert unknown in await told(people, longer)


async def test_a_key_that_is_too_short(people: People, issuer: LocalIssuer) -> None:
    short = rsa_key("short", 1024)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key()))
    issuer.keys = [{**public, "kid": "first"}]
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = issuer.token(key=short)

    assert "too weak" in await told(people, token)


async def test_an_audience_of_its_own(issuer: LocalIssuer, tmp_path: Path) -> None:
    settings = settings_for(issuer, tmp_path, oidc_audience="https://api.example")
    async with opened_people(settings) as people:
        assert people is not None
        assert "another audience" in await told(people, issuer.token())
        token = SecretStr(issuer.token(aud="https://api.example"))
        assert (await people.principal_of_token(token)).name == "ada"


async def test_without_an_issuer_there_are_no_such_people(tmp_path: Path) -> None:
    async with opened_people(Settings(state_dir=tmp_path)) as people:
        assert people is None


# --- roles and names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "claims", "role"),
    [
        ("roles", {"roles": ["submit", "operate", "approve"]}, Role.OPERATE),
        ("roles", {"roles": "approve"}, Role.APPROVE),
        ("roles", {"roles": "openid submit"}, Role.SUBMIT),
        ("realm_access.roles", {"realm_access": {"roles": ["approve", 5, None]}}, Role.APPROVE),
        ("https://a.example/roles", {"https://a.example/roles": ["submit"]}, Role.SUBMIT),
        ("roles", {"roles": ["operator", "Operate", "OPERATE", " operate"]}, None),
        ("roles", {"roles": "operates"}, None),
        ("roles", {"roles": {"operate": True}}, None),
        ("roles", {"roles": [["operate"]]}, None),
        ("roles", {"roles": True}, None),
        ("roles", {}, None),
        ("a.b", {"a": "operate"}, None),
    ],
)
def test_roles_in_a_claim(path: str, claims: dict[str, Any], role: Role | None) -> None:
    assert role_in(claims, path) == role


@pytest.mark.parametrize("name", [None, 5, "", "a b", "ada@example.com", "a" * 41, "dpk_ada", "-a"])
def test_a_name_that_is_no_user_id(name: object) -> None:
    with pytest.raises(NotAdmitted, match=r"the claim user\.name of the token is no user id"):
        user_id_in({"user": {"name": name}}, "user.name")  # type: ignore[dict-item]


async def test_whoever_has_no_role_is_not_admitted(people: People, issuer: LocalIssuer) -> None:
    with pytest.raises(NotAdmitted, match="has none of submit, approve, operate"):
        await people.principal_of_token(SecretStr(issuer.token(roles=["admin"])))
