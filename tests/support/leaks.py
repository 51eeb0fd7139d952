"""Finds secrets in text that people can see: payment tokens, keys, whole e-mail addresses."""

import re

from config import Settings

CARD = re.compile(r"tok_\w+")
ADDRESS = re.compile(r"[\w.+-]+@(?:customers|users)\.example")
"""The addresses that tests and samples send mail to."""


def found_in(text: str) -> list[str]:
    """Return the secrets that a text contains."""
    keys = [key for key in _keys() if key in text]
    return sorted({*CARD.findall(text), *ADDRESS.findall(text), *keys})


def _keys() -> list[str]:
    settings = Settings()
    keys = (
        settings.provider_api_key,
        settings.s3_secret_access_key,
        settings.token_encryption_keys,
    )
    return [key.get_secret_value() for key in keys if key]
