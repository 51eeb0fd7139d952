"""The keys of payloads: the newest encrypts, each decrypts what its id names."""

from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from settings.values import encryption_keys_in

_NOT_AMONG_OURS = "which is not in PAYLOAD_ENCRYPTION_KEYS: add that key behind the newest one"
_NO_KEYS = "and PAYLOAD_ENCRYPTION_KEYS is not set: set it as it is where that was encrypted"


class PayloadKeyMissing(Exception):
    """Something was encrypted under a key that is not among ours, or while we have none."""

    def __init__(self, key_id: str, *, has_keys: bool = True) -> None:
        missing = _NOT_AMONG_OURS if has_keys else _NO_KEYS
        super().__init__(f"a payload is encrypted under the key {key_id!r}, {missing}")


class Key(NamedTuple):
    """A key and the id by which it is named."""

    id: str
    cipher: AESGCM


class Keyring:
    """The keys of a setting, newest first."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._by_id = {key.id: key for key in keys}
        self.newest = keys[0]

    @classmethod
    def of(cls, setting: SecretStr) -> "Keyring":
        """Return the keys that a setting lists."""
        listed = encryption_keys_in(setting.get_secret_value())
        return cls([Key(key_id, AESGCM(secret)) for key_id, secret in listed])

    def named(self, key_id: str) -> Key:
        """Return a key; raise PayloadKeyMissing."""
        key = self._by_id.get(key_id)
        if key is None:
            raise PayloadKeyMissing(key_id)
        return key
