"""What the values of single settings must look like, and what those that list something hold."""

from base64 import urlsafe_b64decode
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, TypeAdapter, ValidationError

from models import A_CURRENCY, EmailAddress, is_currency

LOOPBACK = ("127.0.0.1", "::1", "localhost")
FERNET_KEY_BYTES = 32
_ADDRESS = TypeAdapter(EmailAddress)


def addresses_in(listed: str | None) -> list[str]:
    """Return the e-mail addresses of a setting that lists them."""
    return [one.strip() for one in (listed or "").split(",") if one.strip()]


def networks_in(listed: str | None) -> list[IPv4Network | IPv6Network]:
    """Return the networks of a setting that lists them; raise ValueError if one is none."""
    return [ip_network(one.strip()) for one in (listed or "").split(",") if one.strip()]


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


def _tells_who_is_who(url: str) -> str:
    if not _is_issuer(url):
        raise ValueError(
            "it must be an https:// URL without user, query and fragment; http:// is for an "
            "issuer on this machine only"
        )
    return url


def _is_issuer(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or not url.isascii() or not url.isprintable() or set(url) & set(" ?#@\\"):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


# --- types ------------------------------------------------------------------------------------

FernetKeys = Annotated[SecretStr, AfterValidator(_are_fernet_keys)]
"""Keys of Fernet, comma-separated."""

Addresses = Annotated[str, AfterValidator(_are_addresses)]
"""E-mail addresses, comma-separated."""

Networks = Annotated[str, AfterValidator(_are_networks)]
"""IP addresses and networks, comma-separated."""

CurrencyCode = Annotated[str, AfterValidator(_is_in_use)]
"""The ISO 4217 code of a currency that is in use."""

IssuerUrl = Annotated[str, AfterValidator(_tells_who_is_who)]
"""The URL of an OpenID Connect issuer."""
