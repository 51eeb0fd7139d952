"""Payloads that only those can read who have the keys, and only in the run that they are of."""

import json
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext

from encryption.keyring import Keyring, PayloadKeyMissing
from encryption.runs import RunKey, run_of

ENCODING = b"binary/encrypted"

_KEY_ID, _NAMESPACE, _WORKFLOW_ID = (
    "encryption-key-id",
    "encryption-namespace",
    "encryption-workflow-id",
)
_NONCE_BYTES = 12


class EncryptingCodec(PayloadCodec, WithSerializationContext):
    """Encrypts with AES-256-GCM, for the run whose context the SDK has given.

    The names of key and run stand beside the ciphertext and are authenticated with it, so that
    a codec server, which is told of no run, can read it, while a run compares them with its own.

    What is not encrypted passes through, as runs of before and stock clients send it. So does
    what is of another run, or forged: it is then no value of any type, and is refused like other
    nonsense. A key that is missing raises PayloadKeyMissing instead: to take what somebody said
    for nonsense would lose it, while the task that fails is tried until the key is there.
    """

    def __init__(self, keys: Keyring, run: RunKey | None = None) -> None:
        self._keys = keys
        self._run = run

    def with_context(self, context: SerializationContext) -> "EncryptingCodec":
        """Return the codec of one run."""
        return EncryptingCodec(self._keys, run_of(context))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads, encrypted with the newest key."""
        if self._run is None:
            raise ValueError("nothing can be encrypted for no run: use a converter with_context")
        return [sealed(self._keys, self._run, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads, decrypted where they are of this run."""
        return [self._decoded(payload) for payload in payloads]

    def _decoded(self, payload: Payload) -> Payload:
        return opened(self._keys, payload) if is_for(self._run, payload) else payload


class KeylessCodec(PayloadCodec, WithSerializationContext):
    """Encrypts nothing, and waits for the keys of what others have encrypted for the run.

    A process that was started without keys would else take an approval that another process has
    encrypted for nonsense, and lose it.
    """

    def __init__(self, run: RunKey | None = None) -> None:
        self._run = run

    def with_context(self, context: SerializationContext) -> "KeylessCodec":
        """Return the codec of one run."""
        return KeylessCodec(run_of(context))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they are."""
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they are; raise PayloadKeyMissing for one that is encrypted."""
        for payload in payloads:
            if is_for(self._run, payload):
                raise PayloadKeyMissing(_text(payload, _KEY_ID), has_keys=False)
        return list(payloads)


def is_for(run: RunKey | None, payload: Payload) -> bool:
    """Tell whether a payload says that it is encrypted, and for this run."""
    bound = bound_to(payload)
    return bound is not None and run is not None and run.takes(bound)


def bound_to(payload: Payload) -> RunKey | None:
    """Return the run that a payload says it is encrypted for; None if it is not encrypted."""
    if payload.metadata.get("encoding") != ENCODING:
        return None
    return RunKey(_text(payload, _NAMESPACE), _text(payload, _WORKFLOW_ID))


def sealed(keys: Keyring, run: RunKey, payload: Payload) -> Payload:
    """Return a payload encrypted for a run with the newest key."""
    key, nonce = keys.newest, os.urandom(_NONCE_BYTES)
    text = key.cipher.encrypt(nonce, payload.SerializeToString(), _associated(key.id, run))
    names = {_KEY_ID: key.id, _NAMESPACE: run.namespace, _WORKFLOW_ID: run.workflow_id}
    metadata = {name: value.encode() for name, value in names.items()}
    return Payload(metadata={"encoding": ENCODING, **metadata}, data=nonce + text)


def opened(keys: Keyring, payload: Payload) -> Payload:
    """Return what was encrypted, for the run that it names; as it is if nobody encrypted it so.

    Raise PayloadKeyMissing.
    """
    run = bound_to(payload)
    if run is None:
        return payload
    key = keys.named(_text(payload, _KEY_ID))
    nonce, text = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
    try:
        plain = key.cipher.decrypt(nonce, text, _associated(key.id, run))
        return Payload.FromString(plain)
    except (InvalidTag, ValueError, DecodeError):  # ValueError: too short for a nonce
        return payload


def _associated(key_id: str, run: RunKey) -> bytes:
    return json.dumps(["payload", key_id, *run]).encode()


def _text(payload: Payload, name: str) -> str:
    return payload.metadata.get(name, b"").decode(errors="replace")
