"""What the values of single settings must look like, and what those that list something hold."""

import datetime as dt
import re
from base64 import b64decode, urlsafe_b64decode
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, TypeAdapter, ValidationError

from models import A_CURRENCY, EmailAddress, is_currency

LOOPBACK = ("127.0.0.1", "::1", "localhost")
FERNET_KEY_BYTES = 32
PAYLOAD_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_ADDRESS = TypeAdapter(EmailAddress)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*", re.ASCII)

_BUILD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

LIMITED_PROVIDERS = ("payments", "inventory", "shipping", "mail", "receipt_parser", "ocr")
"""Whom a limit may be set for, as the metrics name them."""

_RATE = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)


def addresses_in(listed: str | None) -> list[str]:
    """Return the e-mail addresses of a setting that lists them."""
    return [one.strip() for one in (listed or "").split(",") if one.strip()]


def networks_in(listed: str | None) -> list[IPv4Network | IPv6Network]:
    """Return the networks of a setting that lists them; raise ValueError if one is none."""
    return [ip_network(one.strip()) for one in (listed or "").split(",") if one.strip()]


def hours_in(text: str) -> tuple[dt.time, dt.time | None]:
    """Return from when until when a day's hours last, as ``09:00-17:30``; None is midnight.

    Raise ValueError if they are none, or do not end after they begin.
    """
    found = _HOURS.fullmatch(text)
    if not found:
        raise ValueError("no hours")
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    opens = dt.time(first_hour, first_minute)
    if (last_hour, last_minute) == (24, 0):
        return opens, None
    closes = dt.time(last_hour, last_minute)
    if closes <= opens:
        raise ValueError("no time is between the two")
    return opens, closes


def weekdays_in(listed: str) -> frozenset[int]:
    """Return the days, from Monday as 0, of a list such as ``mon-fri,sun``.

    Raise ValueError if one is no weekday.
    """
    days: set[int] = set()
    for part in listed.lower().split(","):
        first, to, last = part.partition("-")
        begin = WEEKDAYS.index(first.strip())
        end = WEEKDAYS.index(last.strip()) if to else begin
        days |= {(begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1)}
    return frozenset(days)


def limits_in(listed: str | None) -> dict[str, float]:
    """Return the attempts a second of a list such as ``payments=10,mail=0.5``, by provider.

    Raise ValueError if one is none, or is there twice.
    """
    limits: dict[str, float] = {}
    for part in (listed or "").split(",") if listed else ():
        provider, _, rate = (word.strip() for word in part.partition("="))
        is_usable = provider in LIMITED_PROVIDERS and _RATE.fullmatch(rate) and float(rate) > 0
        if not is_usable or provider in limits:
            raise ValueError("no limit")
        limits[provider] = float(rate)
    return limits


def encryption_keys_in(listed: str) -> list[tuple[str, bytes]]:
    """Return the keys of a list such as ``2026:BASE64,2025:BASE64`` with their ids.

    Raise ValueError if one is none, or if two have the same id.
    """
    keys = {}
    for part in listed.split(","):
        key_id, _, encoded = part.strip().partition(":")
        secret = b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
        is_usable = _KEY_ID.fullmatch(key_id) and len(secret) == PAYLOAD_KEY_BYTES
        if not is_usable or key_id in keys:
            raise ValueError("no key")
        keys[key_id] = secret
    return list(keys.items())


# --- checks -----------------------------------------------------------------------------------


def _are_fernet_keys(keys: SecretStr) -> SecretStr:
    for key in keys.get_secret_value().split(","):
        try:
            size = len(urlsafe_b64decode(key.strip()))
        except ValueError:
            size = 0
        if size != FERNET_KEY_BYTES:
            raise ValueError(
                f"it must be keys of {FERNET_KEY_BYTES} bytes in URL-safe base64, separated by "
                "commas"
            )
    return keys


def _are_payload_keys(keys: SecretStr) -> SecretStr:
    try:
        encryption_keys_in(keys.get_secret_value())
    except ValueError:
        raise ValueError(
            f"it must be ID:KEY, separated by commas, each with another id and a key of "
            f"{PAYLOAD_KEY_BYTES} bytes in base64"
        ) from None
    return keys


def _are_addresses(listed: str) -> str:
    for address in addresses_in(listed):
        try:
            _ADDRESS.validate_python(address)
        except ValidationError:
            raise ValueError("it must be e-mail addresses, separated by commas") from None
    return listed


def _are_networks(listed: str) -> str:
    try:
        networks_in(listed)
    except ValueError:
        raise ValueError("it must be IP addresses or networks, separated by commas") from None
    return listed


def _is_in_use(code: str) -> str:
    if not is_currency(code):
        raise ValueError(f"it must be {A_CURRENCY}")
    return code


def _are_hours(text: str) -> str:
    try:
        hours_in(text)
    except ValueError:
        raise ValueError(
            "it must be when business opens and closes, such as 09:00-17:30; 24:00 is midnight"
        ) from None
    return text


def _are_weekdays(listed: str) -> str:
    try:
        weekdays_in(listed)
    except ValueError:
        raise ValueError(f"it must be of {', '.join(WEEKDAYS)}, such as mon-fri") from None
    return listed


def _are_limits(listed: str) -> str:
    try:
        limits_in(listed)
    except ValueError:
        raise ValueError(
            f"it must be attempts a second, such as payments=10,mail=0.5, of "
            f"{', '.join(LIMITED_PROVIDERS)}, each once"
        ) from None
    return listed


def _is_deployment_name(name: str) -> str:
    if not _BUILD_ID.fullmatch(name) or "." in name:  # a dot ends it where Temporal joins the two
        raise ValueError("it must be up to 100 letters, digits, - and _")
    return name


def _is_build_id(build: str) -> str:
    if not _BUILD_ID.fullmatch(build):
        raise ValueError("it must be up to 100 letters, digits, -, _ and dots")
    return build


def _tells_who_is_who(url: str) -> str:
    if not _is_issuer(url):
        raise ValueError(
            "it must be an https:// URL without user, query and fragment; http:// is for an "
            "issuer on this machine only"
        )
    return url


def _is_issuer(url: str) -> bool:
    if not _is_plain_url(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def _is_plain_url(url: str) -> bool:
    """Whether a URL is of HTTP, and has a host and a path at most."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or not url.isascii() or not url.isprintable() or set(url) & set(" ?#@\\"):
        return False
    return parts.scheme in ("http", "https")


def _is_collector(url: str) -> str:
    if not _is_plain_url(url):
        raise ValueError("it must be an http:// or https:// URL without user, query and fragment")
    return url


# --- types ------------------------------------------------------------------------------------

FernetKeys = Annotated[SecretStr, AfterValidator(_are_fernet_keys)]
"""Keys of Fernet, comma-separated."""

PayloadKeys = Annotated[SecretStr, AfterValidator(_are_payload_keys)]
"""Keys of payloads with their ids, comma-separated."""

Addresses = Annotated[str, AfterValidator(_are_addresses)]
"""E-mail addresses, comma-separated."""

Networks = Annotated[str, AfterValidator(_are_networks)]
"""IP addresses and networks, comma-separated."""

CurrencyCode = Annotated[str, AfterValidator(_is_in_use)]
"""The ISO 4217 code of a currency that is in use."""

IssuerUrl = Annotated[str, AfterValidator(_tells_who_is_who)]
"""The URL of an OpenID Connect issuer."""

CollectorUrl = Annotated[str, AfterValidator(_is_collector)]
"""The URL of an OpenTelemetry collector, below which are its paths."""

DeploymentName = Annotated[str, AfterValidator(_is_deployment_name)]
"""The name that Worker Versioning has for all workers of an installation."""

BuildId = Annotated[str, AfterValidator(_is_build_id)]
"""The name of a build, under that of the deployment."""

Hours = Annotated[str, AfterValidator(_are_hours)]
"""From when until when a day's hours last."""

Weekdays = Annotated[str, AfterValidator(_are_weekdays)]
"""Days of the week, comma-separated, or from one to another."""

ProviderLimits = Annotated[str, AfterValidator(_are_limits)]
"""Attempts a second by provider, comma-separated."""
