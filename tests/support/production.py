"""Settings of production without a fault, and tests without the developer's own settings."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from config import Settings, SettingsError, load_settings
from environment import Part, check

PRODUCTION = {
    "ENVIRONMENT": "production",
    "TEMPORAL_ADDRESS": "temporal.shop.example:7233",
    "TOKEN_ENCRYPTION_KEYS": "b3VyIG93biBzZWNyZXQga2V5IGZvciBwcm9kdWN0aW8=",
    "DATABASE_URL": "postgresql://ada:pw@db.shop.example/records?sslmode=require",
    "S3_ENDPOINT_URL": "https://s3.shop.example",
    "S3_ACCESS_KEY_ID": "ours",
    "S3_SECRET_ACCESS_KEY": "ours, too",
    "PROVIDER_API_URL": "https://providers.shop.example",
    "PROVIDER_API_KEY": "ours",
    "SMTP_HOST": "mail.shop.example",
    "SMTP_PORT": "465",
    "SMTP_TLS": "tls",
    "SMTP_USERNAME": "shop",
    "SMTP_PASSWORD": "pw",
    "MAIL_FROM": "shop@shop.example",
    "SERVER_URL": "https://pay.shop.example",
    "SERVER_SESSION_KEY": "a secret of at least thirty-two letters",
}
"""Settings without a fault."""


def forget_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> pytest.MonkeyPatch:
    """Unset all settings, those of ``.env`` and of Temporal's profiles too; return the patch.

    ``folder`` may get another ``.env`` and ``temporal.toml``.
    """
    monkeypatch.setitem(Settings.model_config, "env_file", folder / ".env")
    for name in (*Settings.model_fields, *PRODUCTION):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(folder / "temporal.toml"))
    (folder / "temporal.toml").touch()
    return monkeypatch


def set_all(environment: pytest.MonkeyPatch, **changed: str | None) -> None:
    """Set the variables of production; ``changed`` are others, None is unset."""
    for name, value in {**PRODUCTION, **changed}.items():
        if value is None:
            environment.delenv(name, raising=False)
        else:
            environment.setenv(name, value)


def named(faults: Iterable[str]) -> set[str]:
    """Return the settings with which the sentences begin."""
    return {fault.split()[0] for fault in faults}


def all_faults() -> list[str]:
    """Return why a process that uses every part is refused; nothing if it is not."""
    try:
        check(load_settings(), set(Part))
    except SettingsError as refused:
        assert str(refused).splitlines()[1:] == [f"  {fault}" for fault in refused.faults]
        return list(refused.faults)
    return []
