"""Sessions of a browser, the tokens of their forms, and links that sign in once.

A cookie holds the id of an access key and a random session id, signed; never the key. Nothing is
kept here: whose key it is, and whether it still counts, is looked up for every request.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from pydantic import SecretStr

from service.access.people import SignInAttempt

COOKIE = "desk"
PATH = "/desk"
"""The cookie is sent to the desk alone: nothing of the API can be done with it."""

HOME = f"{PATH}/"

ATTEMPT_COOKIE = "desk-oidc"
ATTEMPT_PATH = f"{PATH}/sign-in/oidc"
ATTEMPT_SECONDS = 10 * 60

SESSION_SECONDS = 12 * 60 * 60
LINK_SECONDS = 10 * 60

SAID_COOKIE = "desk-said"
SAID_SECONDS = 60

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
"""Name of the field in every form by which it is known to be the session's own."""

_SHA256 = {"digest_method": hashlib.sha256}


@dataclass(frozen=True)
class Session:
    """A session of a browser; ``key_id`` is None until somebody has signed in.

    ``has_own_key`` if the key was made for it, and ends with it.
    """

    id: str
    key_id: str | None = None
    has_own_key: bool = False

    @classmethod
    def new(cls, key_id: str | None = None, *, has_own_key: bool = False) -> "Session":
        """Return a session that nobody can have known before."""
        return cls(secrets.token_urlsafe(16), key_id, has_own_key)


@dataclass(frozen=True)
class Attempt:
    """A sign-in at the issuer that a browser has begun, and where it wants to go afterwards.

    ``key_id`` is of the key that its session will stand for, so that it counts once.
    """

    at_issuer: SignInAttempt
    key_id: str
    wanted: str


class Sessions:
    """Signs what browsers keep and send back, with one key, and tells whether it signed it."""

    def __init__(self, key: SecretStr | None) -> None:
        secret = key.get_secret_value() if key else secrets.token_urlsafe(32)
        self._cookies = URLSafeTimedSerializer(secret, salt="desk-session", signer_kwargs=_SHA256)
        self._links = URLSafeTimedSerializer(secret, salt="desk-link", signer_kwargs=_SHA256)
        self._attempts = URLSafeTimedSerializer(secret, salt="desk-attempt", signer_kwargs=_SHA256)
        self._said = URLSafeTimedSerializer(secret, salt="desk-said", signer_kwargs=_SHA256)
        self._forms = Signer(secret, salt="desk-form", digest_method=hashlib.sha256)

    def cookie_of(self, session: Session) -> str:
        """Return what a cookie holds."""
        return self._signed(self._cookies, [session.id, session.key_id, session.has_own_key])

    def session_in(self, cookie: str | None) -> Session | None:
        """Return the session in a cookie; None if it is too old or was not signed here."""
        match self._loaded(self._cookies, cookie, SESSION_SECONDS):
            case [str(session_id), str() | None as key_id, bool(has_own_key)]:
                return Session(session_id, key_id, has_own_key)
            case [str(session_id), str() | None as key_id]:  # of a server of before
                return Session(session_id, key_id)
        return None

    def form_token(self, session: Session) -> str:
        """Return the token of all forms of a session."""
        return self._forms.get_signature(session.id).decode()

    def is_form_of(self, session: Session, token: object) -> bool:
        """Tell whether a form with this token was made for a session."""
        known = self.form_token(session).encode()
        return isinstance(token, str) and hmac.compare_digest(known, token.encode(errors="replace"))

    def cookie_of_said(self, session: Session, words: str) -> str:
        """Return what a cookie holds of a sentence that the next page of a session shows."""
        return self._signed(self._said, [session.id, words])

    def said_in(self, cookie: str | None, session: Session) -> str | None:
        """Return the sentence in a cookie; None if it is too old or not of this session."""
        match self._loaded(self._said, cookie, SAID_SECONDS):
            case [session.id, str(words)]:
                return words
        return None

    def link_token(self, key_id: str) -> str:
        """Return the token of a link that signs in once, with a key that is made then."""
        return self._signed(self._links, key_id)

    def key_id_in(self, link_token: str) -> str | None:
        """Return the id in the token of a link; None if it is too old or was not signed here."""
        match self._loaded(self._links, link_token, LINK_SECONDS):
            case str(key_id):
                return key_id
        return None

    def cookie_of_attempt(self, attempt: Attempt) -> str:
        """Return what a cookie holds of an attempt to sign in."""
        issuer = attempt.at_issuer
        secret = issuer.verifier.get_secret_value()
        return self._signed(
            self._attempts, [issuer.state, issuer.nonce, secret, attempt.key_id, attempt.wanted]
        )

    def attempt_in(self, cookie: str | None) -> Attempt | None:
        """Return the attempt in a cookie; None if it is too old or was not signed here."""
        match self._loaded(self._attempts, cookie, ATTEMPT_SECONDS):
            case [str(state), str(nonce), str(secret), str(key_id), str(wanted)]:
                return Attempt(SignInAttempt(state, nonce, SecretStr(secret)), key_id, wanted)
        return None

    @staticmethod
    def _signed(serializer: URLSafeTimedSerializer, value: object) -> str:
        text: str = serializer.dumps(value)
        return text

    @staticmethod
    def _loaded(serializer: URLSafeTimedSerializer, text: str | None, seconds: int) -> object:
        try:
            loaded: object = serializer.loads(text or "", max_age=seconds)
        except BadData:
            return None
        return loaded
