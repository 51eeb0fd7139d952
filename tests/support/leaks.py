"""What nobody may see where people look: a payment token, a key, a whole address."""

import re

from config import Settings

CARD = re.compile(r"tok_\w+")
ADDRESS = re.compile(r"[\w.+-]+@(?:customers|users)\.example")
"""The addresses that these tests and the samples mail to."""


def found_in(text: str) -> list[str]:
    """Give what must not be in a text but is."""
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
