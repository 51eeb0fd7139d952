"""Search attributes in which nobody can be read: encrypted ones could not be searched."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from models import PSEUDONYM_PREFIX
from settings.values import encryption_keys_in

_DIGEST_BYTES = 18


class Pseudonyms:
    """Keyed hashes of names, one for each of the payloads' keys, newest first.

    Who knows the key finds the runs of somebody; who does not cannot even try names.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [
            HKDF(SHA256(), 32, salt=None, info=b"search attributes").derive(secret)
            for secret in secrets
        ]

    @classmethod
    def by(cls, setting: SecretStr) -> "Pseudonyms":
        """Return those of the keys that a setting lists."""
        return cls([secret for _, secret in encryption_keys_in(setting.get_secret_value())])

    def of(self, value: str) -> str:
        """Return what stands for a name, by the newest key; of what already does, itself."""
        return value if value.startswith(PSEUDONYM_PREFIX) else self.all_of(value)[0]

    def all_of(self, value: str) -> list[str]:
        """Return what may stand for a name in any run, whatever key was the newest then."""
        return [_hashed(key, value) for key in self._keys]


def _hashed(key: bytes, value: str) -> str:
    hashing = HMAC(key, SHA256())
    hashing.update(value.encode())
    digest = hashing.finalize()[:_DIGEST_BYTES]
    return PSEUDONYM_PREFIX + urlsafe_b64encode(digest).decode()
