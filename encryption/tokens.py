"""Payment tokens that nobody can read in a history or the UI, also where all else is plain JSON."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from copy import copy

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext

from encryption.runs import RunKey, run_of
from models import ENCRYPTED_PREFIX

ENCRYPTED_FIELD = "payment_token"

_BOUND_PREFIX = f"{ENCRYPTED_PREFIX}bound:"
"""How a token begins that is of one run alone. A worker of before, which knows none of these, takes
it for one whose key is missing, and charges nothing."""

_NONCE_BYTES = 12


class _TokenKeys:
    """The keys of tokens: those of before are Fernet's, which cannot bind a token to a run."""

    def __init__(self, setting: SecretStr) -> None:
        keys = [key.strip() for key in setting.get_secret_value().split(",")]
        self._unbound = MultiFernet([Fernet(key) for key in keys])
        self._bound = [AESGCM(_derived(urlsafe_b64decode(key))) for key in keys]

    def bind(self, token: str, workflow_id: str) -> str:
        """Return a token that is encrypted for a run."""
        nonce = os.urandom(_NONCE_BYTES)
        text = self._bound[0].encrypt(nonce, token.encode(), workflow_id.encode())
        return _BOUND_PREFIX + urlsafe_b64encode(nonce + text).decode()

    def unbind(self, encrypted: str, workflow_id: str) -> str | None:
        """Return a token that was encrypted for this run; None if none of the keys fits."""
        try:
            sent = urlsafe_b64decode(encrypted.removeprefix(_BOUND_PREFIX))
        except ValueError:
            return None
        for key in self._bound:
            try:
                plain = key.decrypt(sent[:_NONCE_BYTES], sent[_NONCE_BYTES:], workflow_id.encode())
                return plain.decode()
            except (InvalidTag, ValueError):
                continue
        return None

    def of_before(self, encrypted: str) -> str | None:
        """Return a token that was encrypted for no run; None if none of the keys fits."""
        try:
            return self._unbound.decrypt(encrypted.removeprefix(ENCRYPTED_PREFIX)).decode()
        except (InvalidToken, ValueError):
            return None


def _derived(key: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"payment tokens of one run").derive(key)


class TokenCodec(PayloadCodec, WithSerializationContext):
    """Encrypts payment tokens in payloads, each for the workflow id of its order.

    Everything else stays plain JSON, because people read it in the UI. A token that arrives
    unencrypted, as from the UI's own start form, is used as it is; one that was encrypted before
    tokens were bound is decrypted wherever it is.

    Decoding never raises: that would fail the task of whatever workflow was sent the payload,
    again and again. A token whose key is missing, or which was copied from another order's run,
    stays encrypted, and the charge says so.
    """

    def __init__(self, keys: SecretStr) -> None:
        self._keys = _TokenKeys(keys)
        self._run: RunKey | None = None

    def with_context(self, context: SerializationContext) -> "TokenCodec":
        """Return the codec of one run."""
        of_run = copy(self)
        of_run._run = run_of(context)
        return of_run

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads with their payment tokens encrypted."""
        return [_with_token(payload, self._encrypt) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads with their payment tokens decrypted where one of our keys fits."""
        return [_with_token(payload, self._decrypt) for payload in payloads]

    def _encrypt(self, token: str) -> str:
        if token.startswith(ENCRYPTED_PREFIX):
            return token  # it came through a worker without its key
        if self._run is None:
            raise ValueError("no token is encrypted for no run: use a converter with_context")
        return self._keys.bind(token, self._run.workflow_id)

    def _decrypt(self, token: str) -> str:
        if not token.startswith(ENCRYPTED_PREFIX):
            return token
        if not token.startswith(_BOUND_PREFIX):
            return self._keys.of_before(token) or token
        if self._run is None:
            return token
        return self._keys.unbind(token, self._run.workflow_id) or token


def _with_token(payload: Payload, change: Callable[[str], str]) -> Payload:
    """Return the payload with its payment token changed, if it has one."""
    if f'"{ENCRYPTED_FIELD}"'.encode() not in payload.data:
        return payload
    try:
        document = json.loads(payload.data)
    except (ValueError, RecursionError):  # somebody's text in which the word stands
        return payload
    if not isinstance(document, dict) or not isinstance(document.get(ENCRYPTED_FIELD), str):
        return payload
    changed = change(document[ENCRYPTED_FIELD])
    if changed == document[ENCRYPTED_FIELD]:
        return payload
    document[ENCRYPTED_FIELD] = changed
    return Payload(metadata=payload.metadata, data=json.dumps(document).encode())
