"""Whatever keeps us from Temporal is said in one sentence, with what to set."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from client import connect
from config import Settings, SettingsError
from connection.causes import TemporalUnreachable
from sandbox.stack import free_ports
from tests.support.production import forget_settings
from tests.support.untrue_temporal import (
    PERMISSION_DENIED,
    UNAUTHENTICATED,
    Pair,
    authority,
    refusing,
    tls_of,
)

SECRET = "the-secret-of-this-key"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Return the patch of an environment in which nothing is set."""
    for name in ("ADDRESS", "NAMESPACE", "API_KEY", "TLS", "PROFILE"):
        monkeypatch.delenv(f"TEMPORAL_{name}", raising=False)
    return forget_settings(monkeypatch, tmp_path)


async def refusal(environment: pytest.MonkeyPatch, **variables: object) -> str:
    """Return why these settings of Temporal can never be used."""
    for name, value in variables.items():
        environment.setenv(f"TEMPORAL_{name}", str(value))
    with pytest.raises(SettingsError) as refused:
        await connect(Settings())
    return str(refused.value)


async def absence(environment: pytest.MonkeyPatch, **variables: object) -> str:
    """Return why there is no answer with these settings of Temporal, for now."""
    for name, value in variables.items():
        environment.setenv(f"TEMPORAL_{name}", str(value))
    with pytest.raises(TemporalUnreachable) as away:
        await connect(Settings())
    return str(away.value)


# --- nobody answers ---------------------------------------------------------------------------


async def test_nobody_listens(environment: pytest.MonkeyPatch) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"

    said = await absence(environment, ADDRESS=address)

    assert said == f"no Temporal server answers at {address}: nothing listens there"


async def test_a_name_does_not_resolve(environment: pytest.MonkeyPatch) -> None:
    said = await absence(environment, ADDRESS="temporal.invalid:7233")

    assert said == (
        "no Temporal server answers at temporal.invalid:7233: "
        "the name 'temporal.invalid' does not resolve"
    )


async def test_something_else_listens(environment: pytest.MonkeyPatch) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.shop.example ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = await absence(environment, ADDRESS=f"127.0.0.1:{port}")

    assert said == (
        f"no Temporal server answers at 127.0.0.1:{port}: "
        "what listens there speaks another protocol"
    )


# --- TLS --------------------------------------------------------------------------------------


async def test_tls_is_asked_of_a_server_without(environment: pytest.MonkeyPatch) -> None:
    async with refusing(UNAUTHENTICATED) as address:
        said = await refusal(environment, ADDRESS=address, API_KEY=SECRET)

    assert said == (
        f"the server at {address} does not speak TLS, which TEMPORAL_TLS, a certificate or "
        "TEMPORAL_API_KEY turns on: set the address of one that does, or TEMPORAL_TLS=false"
    )


async def test_a_server_speaks_tls_only(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tls = tls_of(authority(tmp_path).signed("server"))
    async with refusing(UNAUTHENTICATED, tls) as address:
        said = await refusal(environment, ADDRESS=address)

    assert said == f"the server at {address} speaks TLS only: set TEMPORAL_TLS=true"


async def test_the_certificate_is_of_an_unknown_authority(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tls = tls_of(authority(tmp_path).signed("server"))
    async with refusing(UNAUTHENTICATED, tls) as address:
        said = await refusal(environment, ADDRESS=address, TLS="true")

    assert said == (
        f"the certificate of the server at {address} is signed by nobody who is known here: set "
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of its authority"
    )


@pytest.mark.parametrize(
    ("host", "lasts", "what"),
    [
        ("other.example", 1, "is for other.example: set TEMPORAL_ADDRESS or "),
        ("127.0.0.1", -1, "has expired, or the clock of this machine is wrong"),
    ],
    ids=["another name", "expired"],
)
async def test_the_certificate_does_not_count(
    environment: pytest.MonkeyPatch, tmp_path: Path, host: str, lasts: int, what: str
) -> None:
    signer = authority(tmp_path)
    tls = tls_of(signer.signed("server", host, dt.timedelta(days=lasts)))
    async with refusing(UNAUTHENTICATED, tls) as address:
        said = await refusal(
            environment, ADDRESS=address, TLS_SERVER_CA_CERT_PATH=signer.own.certificate
        )

    assert said.startswith(f"the certificate of the server at {address} {what}")


async def test_a_server_wants_a_certificate_of_its_clients(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signer = authority(tmp_path)
    tls = tls_of(signer.signed("server"), clients=signer)
    ca = signer.own.certificate
    stranger = authority(tmp_path, "stranger").signed("client")
    async with refusing(UNAUTHENTICATED, tls) as address:
        without = await absence(environment, ADDRESS=address, TLS_SERVER_CA_CERT_PATH=ca)
        unknown = await absence(
            environment,
            TLS_CLIENT_CERT_PATH=stranger.certificate,
            TLS_CLIENT_KEY_PATH=stranger.key,
        )

    ended = f"no Temporal server answers at {address}: it ended the connection when TLS had begun; "
    where = "see TEMPORAL_TLS_CLIENT_CERT_PATH"
    assert without == f"{ended}it may want a certificate: {where}"
    assert unknown == f"{ended}it may not know our certificate: {where}"


# --- files ------------------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Return the files of a client's certificate that fit."""
    return authority(tmp_path).signed("client")


@pytest.mark.parametrize("variable", ["SERVER_CA_CERT", "CLIENT_CERT", "CLIENT_KEY"])
async def test_a_file_is_not_there_or_not_what_it_should_be(
    environment: pytest.MonkeyPatch, pair: Pair, tmp_path: Path, variable: str
) -> None:
    files = {"CLIENT_CERT": pair.certificate, "CLIENT_KEY": pair.key}
    missing, other = tmp_path / "missing.pem", tmp_path / "other.pem"
    other.write_text(SECRET)
    for name, file in {**files, variable: missing}.items():
        environment.setenv(f"TEMPORAL_TLS_{name}_PATH", str(file))

    absent = await refusal(environment, ADDRESS="127.0.0.1:1")
    wrong = await refusal(environment, **{f"TLS_{variable}_PATH": other})
    folder = await refusal(environment, **{f"TLS_{variable}_PATH": tmp_path})

    called = f"TEMPORAL_TLS_{variable}_PATH: the file"
    assert absent == f"{called} {str(missing)!r} cannot be read: No such file or directory"
    assert wrong.startswith(f"{called} {str(other)!r} holds no ")
    assert SECRET not in wrong
    assert folder == f"{called} {str(tmp_path)!r} cannot be read: Is a directory"


async def test_a_certificate_without_its_key(environment: pytest.MonkeyPatch, pair: Pair) -> None:
    said = await refusal(environment, TLS_CLIENT_CERT_PATH=pair.certificate)

    assert said == (
        "TEMPORAL_TLS_CLIENT_KEY_PATH is unset: a client's certificate and its key go together"
    )


async def test_a_certificate_with_the_key_of_another(
    environment: pytest.MonkeyPatch, pair: Pair, tmp_path: Path
) -> None:
    other = authority(tmp_path, "another").own

    said = await refusal(
        environment, TLS_CLIENT_CERT_PATH=pair.certificate, TLS_CLIENT_KEY_PATH=other.key
    )

    assert said == (
        f"TEMPORAL_TLS_CLIENT_KEY_PATH: the file {str(other.key)!r} is not the key of the "
        "certificate of TEMPORAL_TLS_CLIENT_CERT_PATH"
    )


async def test_a_certificate_of_ours_that_has_expired(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = authority(tmp_path).signed("client", lasts=dt.timedelta(days=-1))

    said = await refusal(
        environment, TLS_CLIENT_CERT_PATH=old.certificate, TLS_CLIENT_KEY_PATH=old.key
    )

    assert "holds a certificate that was valid until " in said


# --- keys -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [UNAUTHENTICATED, PERMISSION_DENIED])
async def test_a_key_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, status: int
) -> None:
    signer = authority(tmp_path)
    async with refusing(status, tls_of(signer.signed("server"))) as address:
        said = await refusal(
            environment,
            ADDRESS=address,
            API_KEY=SECRET,
            NAMESPACE="shop.a1b2c",
            TLS_SERVER_CA_CERT_PATH=signer.own.certificate,
        )

    assert said == (
        f"Temporal at {address} refuses the key of TEMPORAL_API_KEY for namespace 'shop.a1b2c': "
        "set a key that may use it, or TEMPORAL_NAMESPACE"
    )


async def test_a_key_is_wanted(environment: pytest.MonkeyPatch) -> None:
    async with refusing(UNAUTHENTICATED) as address:
        said = await refusal(environment, ADDRESS=address)

    assert said == f"Temporal at {address} lets nobody in without a key: set TEMPORAL_API_KEY"
