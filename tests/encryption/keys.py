"""Keys and converters of tests; the payment tokens have the key of all tests."""

from base64 import b64encode

from pydantic import SecretStr
from temporalio.converter import DataConverter

from client import data_converter
from config import Settings
from tests.support.pipelines import TOKEN_KEY

OLD, NEW = (f"{name}:{b64encode(name.encode() * 8).decode()}" for name in ("2025", "2026"))


def converter_with(*keys: str) -> DataConverter:
    """Return the converter of a setting with these keys; of none, if payloads stay plain."""
    return data_converter(settings_with(*keys))


def settings_with(*keys: str) -> Settings:
    """Return settings with these keys of payloads."""
    listed = SecretStr(",".join(keys)) if keys else None
    return Settings(token_encryption_keys=TOKEN_KEY, payload_encryption_keys=listed)
