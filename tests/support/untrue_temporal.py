"""Servers that are no Temporal one can use: they speak TLS, or refuse every call."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

UNAUTHENTICATED = 16
PERMISSION_DENIED = 7

_PREFACE_BYTES = 24
_HEADERS, _SETTINGS = 1, 4
_ACK, _END = 0x1, 0x5
"""Flags: of settings that are acknowledged; of headers that end both themselves and the stream."""


# --- certificates -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates into a folder; its own is there, too."""

    folder: Path
    own: Pair
    key: ec.EllipticCurvePrivateKey

    def signed(
        self, name: str, host: str = "127.0.0.1", lasts: dt.timedelta = dt.timedelta(days=1)
    ) -> Pair:
        """Write the certificate of a host, or of a client, that was signed two days ago."""
        return _write(self.folder, name, host, lasts, (self.own.certificate.stem, self.key))[0]


def authority(folder: Path, name: str = "authority") -> Authority:
    """Write the certificate of a new authority."""
    pair, key = _write(folder, name, None, dt.timedelta(days=1), None)
    return Authority(folder, pair, key)


def _write(
    folder: Path,
    name: str,
    host: str | None,
    lasts: dt.timedelta,
    issuer: tuple[str, ec.EllipticCurvePrivateKey] | None,
) -> tuple[Pair, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    by, signing_key = issuer or (name, key)
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .issuer_name(_called(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
    )
    if host is not None:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_name_of(host)]), critical=False
        )
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    certificate = builder.sign(signing_key, hashes.SHA256())
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pair, key


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _name_of(host: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ip_address(host))
    return x509.DNSName(host)


# --- servers ----------------------------------------------------------------------------------


def tls_of(server: Pair, clients: Authority | None = None) -> ssl.SSLContext:
    """Return what serves TLS; with ``clients``, only to those whose certificate it signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    context.set_alpn_protocols(["h2"])
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients.own.certificate)
    return context


@asynccontextmanager
async def refusing(status: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve gRPC, with a status for every call; yield the address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(_frame(_SETTINGS, 0, 0, b""))
            await reader.readexactly(_PREFACE_BYTES)
            while True:
                head = await reader.readexactly(9)
                await reader.readexactly(int.from_bytes(head[:3]))
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
                if kind == _SETTINGS and not flags & _ACK:
                    writer.write(_frame(_SETTINGS, _ACK, 0, b""))
                if kind == _HEADERS:
                    writer.write(_frame(_HEADERS, _END, stream, _refusal(status)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame of HTTP/2 (RFC 9113, section 4.1)."""
    head = len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4)
    return head + payload


def _refusal(status: int) -> bytes:
    """Return the headers of an answer that is a gRPC status and no more (RFC 7541)."""
    fields = {"content-type": "application/grpc", "grpc-status": str(status)}
    literal = b"".join(
        b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()
        for name, value in fields.items()
    )
    return b"\x88" + literal  # :status 200
