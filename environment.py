"""Sandbox or production, and what production refuses to start with.

Without it a worker would start in silence with keys that everybody can read in this repository,
with a database that no other machine sees, or sending its passwords over the open network.
"""

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum, auto
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from client import address, connect_config
from config import Settings, SettingsError
from settings.names import misspelt_names
from settings.postgres import PostgresUrl, UnusableUrl, is_postgres

AMAZONS_OWN = "aws"


class Part(StrEnum):
    """What a process uses, and so needs the settings of."""

    TEMPORAL = auto()
    TOKENS = auto()
    RECORDS = auto()
    BUCKET = auto()
    PROVIDERS = auto()
    MAIL = auto()
    OCR = auto()
    PARSER = auto()
    DOOR = auto()


def check(settings: Settings, parts: Collection[Part]) -> list[str]:
    """Raise SettingsError with all that a process which uses these parts must not have.

    In the sandbox everything that can be used at all may stay as it is. Return what to warn of:
    misspelt names.
    """
    if Part.TEMPORAL in parts:
        connect_config()  # raises for a certificate that is missing, also in the sandbox
    misspelt = misspelt_names(Settings)
    because = production_because(settings)
    if because is None:
        return misspelt
    faults = [
        *misspelt,
        *(fault for part in _FAULTS if part in parts for fault in _FAULTS[part](settings)),
    ]
    if settings.otel_exporter_otlp_headers and _is_in_the_clear(
        settings.otel_exporter_otlp_endpoint
    ):
        faults.append(
            "OTEL_EXPORTER_OTLP_ENDPOINT would get OTEL_EXPORTER_OTLP_HEADERS without TLS: "
            "use https://"
        )
    if settings.sandbox_crash_at is not None:
        faults.append("SANDBOX_CRASH_AT is for crash tests of the sandbox: remove it")
    if faults:
        raise SettingsError(f"{because}, and these settings are not fit for it", faults)
    return []


def production_because(settings: Settings) -> str | None:
    """Return why this is production; None in the sandbox."""
    if settings.environment is not None:
        is_production = settings.environment == "production"
        return "ENVIRONMENT is production" if is_production else None
    beyond = [name for name, is_beyond in _endpoints(settings) if is_beyond]
    if not beyond:
        return None
    listed = ", ".join(beyond)
    return f"{listed}: beyond this machine, so this is production unless ENVIRONMENT=sandbox"


def advice_on_temporal(settings: Settings | None) -> str:
    """Return what to do if Temporal does not answer; nobody starts the sandbox in production.

    None are settings that cannot be read.
    """
    if settings and production_because(settings) is None:
        return "start one with 'make dev' or set TEMPORAL_ADDRESS"
    return "check TEMPORAL_ADDRESS, and whether this machine may reach it"


# --- where things are -------------------------------------------------------------------------


def _endpoints(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Yield settings that say where something is, and whether that is beyond this machine."""
    yield "TEMPORAL_ADDRESS", _temporal_is_beyond()
    yield "DATABASE_URL", _database_is_beyond(settings.database_url)
    s3_url = settings.s3_endpoint_url
    yield "S3_ENDPOINT_URL", s3_url in (None, AMAZONS_OWN) or _is_beyond(s3_url)
    yield "PROVIDER_API_URL", _is_beyond(settings.provider_api_url)
    yield "SMTP_HOST", settings.mail_provider == "smtp" and not _is_local(settings.smtp_host)
    yield "MAIL_PROVIDER", settings.mail_provider == "ses"
    yield "PAYMENT_PROVIDER", _asks_stripe(settings) and _is_beyond(settings.stripe_api_url)
    yield "OCR_ENGINE", settings.ocr_engine == "textract"
    yield "RECEIPT_PARSER", settings.receipt_parser == "textract"
    yield "RECEIPT_SECOND_PARSER", settings.receipt_second_parser == "textract"
    yield "SERVER_HOST", not _is_local(settings.server_host)


def _asks_stripe(settings: Settings) -> bool:
    return settings.payment_provider == "stripe"


def _temporal_is_beyond() -> bool:
    return _is_beyond(f"//{address()}")


def _database_is_beyond(url: str | None) -> bool:
    """Whether a host of a PostgreSQL URL is; whoever opens the database refuses other URLs."""
    database = _postgres(url)
    return database is not None and any(not _is_local(host) for host in database.hosts)


def _postgres(url: str | None) -> PostgresUrl | None:
    if url is None or not is_postgres(url):
        return None
    try:
        return PostgresUrl(url)
    except UnusableUrl:
        return None


def _is_beyond(url: str | None) -> bool:
    """Whether the host of a URL is; whoever connects refuses what is no URL."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return False
    return host is not None and not _is_local(host)


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


# --- what is not fit for production -----------------------------------------------------------


def _of_temporal(settings: Settings) -> Iterator[str]:  # noqa: ARG001 - the SDK's own count
    config = connect_config()
    if "target_host" not in config:
        yield "TEMPORAL_ADDRESS is unset: set host and port of your Temporal"
    has_key = "api_key" in config or "authorization" in map(
        str.lower, config.get("rpc_metadata", {})
    )
    if has_key and not config.get("tls") and _temporal_is_beyond():
        yield "TEMPORAL_API_KEY would be sent without TLS: set TEMPORAL_TLS=true"


def _of_tokens(settings: Settings) -> Iterator[str]:
    newest, _, _ = settings.token_encryption_keys.get_secret_value().partition(",")
    # Behind another one, the sandbox's only reads what was written before.
    if newest.strip() == _default("token_encryption_keys").get_secret_value():
        yield "TOKEN_ENCRYPTION_KEYS begins with the sandbox's: put a key of your own first"


def _of_records(settings: Settings) -> Iterator[str]:
    url = settings.database_url
    database = _postgres(url)
    if url is None:
        yield "DATABASE_URL is unset: set postgresql://..."
    elif url.lower().startswith("sqlite"):
        yield "DATABASE_URL is an SQLite file: set postgresql://..."
    elif database and database.sends_password_openly and _database_is_beyond(url):
        yield "DATABASE_URL would send its password without TLS: add sslmode=require or stronger"


def _of_bucket(settings: Settings) -> Iterator[str]:
    if _is_default(settings, "s3_endpoint_url"):
        yield "S3_ENDPOINT_URL is the sandbox's: set the URL of your S3, or aws"
    elif _is_in_the_clear(settings.s3_endpoint_url):
        yield "S3_ENDPOINT_URL would get keys and pictures without TLS: use https://"
    if settings.s3_endpoint_url != AMAZONS_OWN:
        yield from _sandbox_values(settings, "s3_access_key_id", "s3_secret_access_key")


def _of_providers(settings: Settings) -> Iterator[str]:
    yield from _sandbox_values(settings, "provider_api_url", "provider_api_key")
    if _is_in_the_clear(settings.provider_api_url):
        yield "PROVIDER_API_URL would get its key without TLS: use https://"
    if _asks_stripe(settings) and _is_in_the_clear(settings.stripe_api_url):
        yield "STRIPE_API_URL would get its key without TLS: use https://"


def _of_mail(settings: Settings) -> Iterator[str]:
    yield from _sandbox_values(settings, "mail_from")
    if settings.mail_provider != "smtp":
        return
    if _is_default(settings, "smtp_host") and _is_default(settings, "smtp_port"):
        yield "SMTP_HOST and SMTP_PORT are the sandbox's: set your own"
    has_login = settings.smtp_username is not None
    if has_login and settings.smtp_tls == "none" and not _is_local(settings.smtp_host):
        yield "SMTP_TLS is none, so SMTP_PASSWORD would be sent without: set starttls or tls"


def _of_door(settings: Settings) -> Iterator[str]:
    if settings.server_session_key is None:
        yield "SERVER_SESSION_KEY is unset: set a secret of at least 32 letters"
    if settings.server_url is None:
        yield "SERVER_URL is unset: set the https:// address that people use"
    elif _is_in_the_clear(settings.server_url):
        yield "SERVER_URL would get keys and sessions without TLS: use https://"


_FAULTS: dict[Part, Callable[[Settings], Iterator[str]]] = {
    Part.TEMPORAL: _of_temporal,
    Part.TOKENS: _of_tokens,
    Part.RECORDS: _of_records,
    Part.BUCKET: _of_bucket,
    Part.PROVIDERS: _of_providers,
    Part.MAIL: _of_mail,
    Part.DOOR: _of_door,
}


def _sandbox_values(settings: Settings, *names: str) -> Iterator[str]:
    for name in names:
        if _is_default(settings, name):
            yield f"{name.upper()} is the sandbox's: set your own"


def _is_default(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) == _default(name))


def _default(name: str) -> Any:
    return Settings.model_fields[name].default


def _is_in_the_clear(url: str | None) -> bool:
    return _is_beyond(url) and urlsplit(url or "").scheme == "http"
