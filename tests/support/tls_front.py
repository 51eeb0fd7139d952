"""TLS in front of a PostgreSQL that has none, and the certificates for it.

The server of the tests comes from a wheel that was built without TLS and listens at a socket in a
folder. What stands in front of it listens at a port of loopback, agrees to TLS as a server with
``ssl = on`` does, or refuses it as one without, and hands on all that follows.
"""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""What a client sends before anything else to ask for TLS."""


@dataclass(frozen=True)
class Certificates:
    """Files: an authority, and what it has signed for ``localhost`` and for a client."""

    authority: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path


def make_certificates(folder: Path) -> Certificates:
    """Write an authority's certificate, and those that it signs for a server and a client."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("authority", key, "authority", key)
    made = {"authority": authority.public_bytes(Encoding.PEM)}
    for name, called in (("server", "localhost"), ("client", "ada")):
        own = ec.generate_private_key(ec.SECP256R1())
        made[name] = _certificate(called, own, "authority", key).public_bytes(Encoding.PEM)
        made[f"{name}_key"] = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = {name: folder / f"{name}.pem" for name in made}
    for name, file in files.items():
        file.write_bytes(made[name])
        file.chmod(0o600)  # or libpq refuses a key
    return Certificates(**files)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, signs: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=name == by, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signs, SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def tls_of(certificates: Certificates, *, asks_client: bool = False) -> ssl.SSLContext:
    """Return the server's side of TLS; ``asks_client``: it wants a client's certificate, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.server_key)
    if asks_client:
        context.load_verify_locations(certificates.authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@asynccontextmanager
async def front_of(server: Path, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Stand in front of the server with this socket; yield the port. Without ``tls`` refuse it."""
    talking: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        with closing(writer):
            await _hand_on(server, tls, reader, writer)

    front = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield front.sockets[0].getsockname()[1]
    finally:
        front.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


async def _hand_on(
    server: Path,
    tls: ssl.SSLContext | None,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    first = await reader.readexactly(len(SSL_REQUEST))
    if first == SSL_REQUEST:
        writer.write(b"N" if tls is None else b"S")
        if tls is not None:
            await writer.start_tls(tls)
        first = b""
    upstream, downstream = await asyncio.open_unix_connection(server)
    downstream.write(first)
    with closing(downstream):
        await asyncio.gather(_copy(reader, downstream), _copy(upstream, writer))


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        to.write(data)
        await to.drain()
    to.close()
