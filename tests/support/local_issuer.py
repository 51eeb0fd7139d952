"""An issuer of OpenID Connect on loopback: it has keys of its own, and does what a test says."""

import base64
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from yarl import URL

CLIENT_ID = "pipelines"
CLIENT_SECRET = "issuer: client + secret"

Claims = Mapping[str, Any]


@cache
def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """Return a private key, the same one for each name: making one takes a while."""
    assert name
    return generate_rsa(65537, bits)


EC_KEY = generate_private_key(SECP256R1())


def public_pem(name: str) -> bytes:
    return rsa_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(name: str, **more: str) -> dict[str, Any]:
    """Return the public part of a key as the issuer lists it."""
    key: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return {**key, "kid": name, "use": "sig", **more}


def ec_jwk() -> dict[str, Any]:
    key: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key()))
    return {**key, "kid": "ec", "use": "sig"}


class LocalIssuer:
    """Lists ``keys``; signs people in as ``person`` says, for as long as it is not away.

    ``metadata`` overrides what it publishes of itself, ``id_token`` the claims of id tokens.
    """

    def __init__(self, with_secret: bool = True) -> None:
        self.url = ""
        self._with_secret = with_secret
        self._runner: web.AppRunner | None = None
        self.forget()

    def forget(self) -> None:
        """Be as at the beginning, but serve on: for the next test."""
        self.keys: list[dict[str, Any]] = [jwk("first")]
        self.person: dict[str, Any] = {"preferred_username": "ada", "roles": ["submit"]}
        self.metadata: dict[str, Any] = {}
        self.id_token: dict[str, Any] = {}
        self.id_token_header: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.padding = ""
        self.takes_codes_twice = False
        self._codes: dict[str, dict[str, str]] = {}

    async def start(self) -> None:
        """Serve, at the same address as before."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/realm/.well-known/openid-configuration", self._discovery),
                web.get("/realm/keys", self._keys),
                web.get("/realm/authorize", self._authorize),
                web.post("/realm/token", self._token),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", URL(self.url).port or 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/realm"

    async def go_away(self) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        header: Claims | None = None,
        without: str = "",
        **claims: Any,
    ) -> str:
        """Return an access token of ada, who submits, with other claims where a test wants it."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "0001",
            "iat": now,
            "exp": now + 300,
            **self.person,
            **claims,
        }
        said.pop(without, None)
        signing = rsa_key("first") if key is None else key
        return jwt.encode(said, signing, algorithm, {"kid": "first", **(header or {})})

    async def _discovery(self, _request: web.Request) -> web.Response:
        self.asked["discovery"] += 1
        return web.json_response(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                **self.metadata,
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        self.asked["keys"] += 1
        return web.json_response({"keys": self.keys, "padding": self.padding})

    async def _authorize(self, request: web.Request) -> web.Response:
        """Sign the person in at once, without a page, and send the browser back."""
        asked = dict(request.query)
        assert asked["response_type"] == "code", asked
        assert asked["client_id"] == CLIENT_ID, asked
        assert "openid" in asked["scope"].split(), asked
        assert asked["code_challenge_method"] == "S256", asked
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url}
        raise web.HTTPFound(URL(asked["redirect_uri"]).update_query(answer))

    async def _token(self, request: web.Request) -> web.Response:
        """Exchange a code once, for whoever knows the verifier and the client's secret."""
        self.asked["token"] += 1
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.get(form["code"])
        if not self.takes_codes_twice:
            self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (
            challenge,
            form["redirect_uri"],
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {"nonce": asked["nonce"], **self.id_token}
        id_token = self.token(header=self.id_token_header, **claims)
        return web.json_response(
            {"access_token": "not-used", "token_type": "Bearer", "id_token": id_token}
        )

    def _is_client(self, request: web.Request, form: Mapping[str, str]) -> bool:
        if not self._with_secret:
            return form.get("client_id") == CLIENT_ID
        sent = request.headers.get("Authorization")
        if sent is None:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        pair = base64.b64decode(sent.removeprefix("Basic ")).decode().split(":")
        return [unquote_plus(part) for part in pair] == [CLIENT_ID, CLIENT_SECRET]


@asynccontextmanager
async def local_issuer(with_secret: bool = True) -> AsyncIterator[LocalIssuer]:
    """Yield an issuer that serves."""
    issuer = LocalIssuer(with_secret)
    await issuer.start()
    try:
        yield issuer
    finally:
        await issuer.go_away()
