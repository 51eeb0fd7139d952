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
        self._secrets = {secret for secret in _secrets(settings) if len(secret) >= MIN_CHARACTERS}

    def masked(self, words: str) -> str:
        """Return the words without any of the secrets, and no rest of two that overlap."""
        kept, end = [], 0
        for first, last in sorted(self._places(words)):
            if last <= end:
                continue
            if first >= end:
                kept += [words[end:first], MASK]
            end = last
        return "".join([*kept, words[end:]])

    def _places(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield from where to where secrets are."""
        for secret in self._secrets:
            first = words.find(secret)
            while first >= 0:
                yield first, first + len(secret)
                first = words.find(secret, first + 1)


def _secrets(settings: Settings) -> Iterator[str]:
    for name, value in settings:
        if isinstance(value, SecretStr):
            listed = [one.strip() for one in value.get_secret_value().split(",")]
            yield from (value.get_secret_value(), *listed)
            if name == "payload_encryption_keys":
                yield from (one.partition(":")[2] for one in listed)
            if name == "otel_exporter_otlp_headers":
                # As it is sent, and without the word that says what kind of key it is.
                sent = [unquote(one.partition("=")[2]) for one in listed]
                yield from (*sent, *(one.rpartition(" ")[2] for one in sent))
        elif isinstance(value, str):
            for found in _IN_URL.findall(value):
                yield from {part for written in found for part in (written, unquote(written))}
    try:
        yield ClientConfigProfile.load().api_key or ""
    except (RuntimeError, ValueError, OSError):  # which whoever connects will say
        return
