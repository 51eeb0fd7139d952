"""No secret of the settings in what is said about them or logged, whoever repeats it."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from pydantic import SecretStr
from temporalio.envconfig import ClientConfigProfile

from config import Settings

MASK = "***"
MIN_CHARACTERS = 4
"""A shorter secret may be part of any word."""

_IN_URL = re.compile(r"//[^:/?#@]*:([^/?#]*)@|[?&]password=([^&]*)")


class Masking:
    """Knows the secrets of our settings and of the connection to Temporal, and hides them."""

    def __init__(self, settings: Settings) -> None:
        found = {secret for secret in _secrets(settings) if len(secret) >= MIN_CHARACTERS}
        self._longest_first = sorted(found, key=len, reverse=True)

    def masked(self, words: str) -> str:
        """Return the words without any of the secrets."""
        for secret in self._longest_first:
            words = words.replace(secret, MASK)
        return words


def _secrets(settings: Settings) -> Iterator[str]:
    for _, value in settings:
        if isinstance(value, SecretStr):
            yield from (one.strip() for one in value.get_secret_value().split(","))
            yield value.get_secret_value()
        elif isinstance(value, str):
            for found in _IN_URL.findall(value):
                yield from {part for written in found for part in (written, unquote(written))}
    try:
        yield ClientConfigProfile.load().api_key or ""
    except (RuntimeError, ValueError, OSError):  # which whoever connects will say
        return
