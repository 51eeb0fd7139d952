"""The certificates and keys of a TLS connection to Temporal, checked before they are used.

The SDK takes a file that holds no certificate without a word, trusts nobody then, and says that
the server's certificate is of an unknown issuer.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from temporalio.envconfig import ClientConfigTLS, DataSource

from config import SettingsError

AUTHORITY = "TEMPORAL_TLS_SERVER_CA_CERT"
CERTIFICATE = "TEMPORAL_TLS_CLIENT_CERT"
KEY = "TEMPORAL_TLS_CLIENT_KEY"


def check_certificates(tls: ClientConfigTLS) -> None:
    """Raise SettingsError for the first file that is missing or is not what it should be."""
    read = {variable: _read(variable, source) for variable, source in _sources(tls)}
    if (CERTIFICATE in read) != (KEY in read):
        missing = KEY if CERTIFICATE in read else CERTIFICATE
        raise SettingsError(
            f"{missing}_PATH is unset: a client's certificate and its key go together"
        )
    if AUTHORITY in read:
        _check_certificate(*read[AUTHORITY])
    if CERTIFICATE in read:
        _check_pair(read[CERTIFICATE], read[KEY])


_Read = tuple[str, bytes]
"""What a source is called in a sentence, and what it holds."""


def _sources(tls: ClientConfigTLS) -> Iterator[tuple[str, DataSource]]:
    for variable, source in (
        (AUTHORITY, tls.server_root_ca_cert),
        (CERTIFICATE, tls.client_cert),
        (KEY, tls.client_private_key),
    ):
        if source is not None:
            yield variable, source


def _read(variable: str, source: DataSource) -> _Read:
    if isinstance(source, Path):
        called = f"{variable}_PATH: the file {str(source)!r}"
        try:
            return called, source.read_bytes()
        except OSError as error:
            raise SettingsError(f"{called} cannot be read: {error.strerror}") from None
    data = source.encode() if isinstance(source, str) else source
    return f"{variable}_DATA", data


def _check_certificate(called: str, data: bytes) -> None:
    from cryptography.x509 import load_pem_x509_certificates

    with suppress(ValueError):
        if load_pem_x509_certificates(data):
            return
    raise SettingsError(f"{called} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")


def _check_pair(certificate: _Read, key: _Read) -> None:
    """Raise SettingsError unless this is a valid certificate, and the key is its own."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    _check_certificate(*certificate)
    try:
        private = load_pem_private_key(key[1], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise SettingsError(
            f"{key[0]} holds no private key in PEM without a password (-----BEGIN PRIVATE KEY-----)"
        ) from None
    first = load_pem_x509_certificates(certificate[1])[0]
    if first.public_key() != private.public_key():
        raise SettingsError(f"{key[0]} is not the key of the certificate of {CERTIFICATE}_PATH")
    if first.not_valid_after_utc < datetime.now(UTC):
        raise SettingsError(
            f"{certificate[0]} holds a certificate that was valid until "
            f"{first.not_valid_after_utc:%Y-%m-%d}: get a new one"
        )
