"""What a shop has already when it takes our programs into production, on this machine.

Temporal behind TLS, PostgreSQL with two roles, a bucket in another region, providers and mail with
keys of their own. Nothing here is a part of the local stack's defaults.
"""

import asyncio
import datetime as dt
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import boto3
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.stack import free_ports

HOST = "localhost"
REGION: Final = "eu-central-1"
BUCKET = "shop-receipts"
ACCESS_KEY_ID = "AKIASHOP00001"
DATABASE = "records"
OWNER, APPLICATION = "owner", "app"


class Certificate:
    """A certificate of ``localhost`` and its key, and that of who signed it, as files."""

    def __init__(self, folder: Path) -> None:
        self.issuer, self.file, self.key = (folder / f"{one}.pem" for one in ("ca", "cert", "key"))
        issuers_key, own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer, own = _named("Shop CA"), _named(HOST)
        is_issuer = x509.BasicConstraints(ca=True, path_length=0)
        of_issuer = _certificate(issuer, issuers_key, issuer).add_extension(is_issuer, True)
        names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
        of_own = _certificate(own, own_key, issuer).add_extension(names, False)
        self.issuer.write_bytes(_signed(of_issuer, issuers_key))
        self.file.write_bytes(_signed(of_own, issuers_key))
        self.key.write_bytes(
            own_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name
) -> x509.CertificateBuilder:
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    serial = x509.random_serial_number()
    return x509.CertificateBuilder(issuer, subject, key.public_key(), serial, now - day, now + day)


def _signed(certificate: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@contextmanager
def behind_tls(port: int, certificate: Certificate) -> Iterator[int]:
    """Yield a port at which what serves gRPC in plain at ``port`` is reached through TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    context.set_alpn_protocols(["h2"])
    (secured,) = free_ports(1)
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(connected, HOST, secured, ssl=context)

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield secured
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # either end is gone
    finally:
        writer.close()


@contextmanager
def postgres_with_passwords(folder: Path) -> Iterator[int]:
    """Yield the port of a PostgreSQL with the roles ``owner`` and ``app``.

    The wheel's build has no TLS, so it is for this machine alone.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))  # read once, by the import
        from benchmarks.references.postgres import postgres
    (port,) = free_ports(1)
    rules = folder / "pg_hba.conf"
    rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
    rules.chmod(0o644)
    settings = (f"listen_addresses={HOST}", f"port={port}", f"hba_file={rules}")
    with postgres(folder, *settings) as url:
        with psycopg.connect(f"{url}&port={port}", autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}-secret'".encode())
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}".encode())
        yield port


@contextmanager
def bucket_in_another_region() -> Iterator[str]:
    """Yield the URL of an S3 endpoint with our bucket in ``eu-central-1``."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://{HOST}:{port}"
    store = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key="bucket-secret",
    )
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        yield url
    finally:
        server.stop()
