"""Why a Temporal server cannot be used: the SDK's many failures, each in one sentence.

The SDK says "Failed client connect" of a server that is away, of one that speaks TLS, of a wrong
certificate and of a refused key, with the cause in Rust's own words behind it, and nothing at all
of a namespace that is missing.
"""

import asyncio
import re
import ssl
from contextlib import suppress

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.envconfig import ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from config import SettingsError

HANDSHAKE_SECONDS = 2.0
"""How long a server may take to show that it speaks TLS."""

DEFAULT_NAMESPACE = "default"
_REFUSED = (RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED)
_REFUSED_WORDS = ("code: Unauthenticated", "code: PermissionDenied")
_PRESENTED_NAME = re.compile(r'(?:DnsName|IpAddress)\(\\?"?([^")\\]+)')
_TOO_MANY_CHARACTERS = 200


class TemporalUnreachable(Exception):
    """No Temporal server answered; the message names the address."""


async def cause_of(
    error: Exception, address: str, config: ClientConnectConfig
) -> TemporalUnreachable | SettingsError:
    """Return what the SDK's error means, in one sentence, without any secret.

    SettingsError if the same settings will never do; TemporalUnreachable if the server may come
    back by itself.
    """
    if isinstance(error, RPCError):
        return _of_answer(error, address, config)
    if isinstance(error, TimeoutError):
        return _unreachable(address, "no answer in time")
    words = str(error)
    if any(refused in words for refused in _REFUSED_WORDS):
        return _refused(address, config)
    if "InvalidCertificate" in words:
        return _of_certificate(words, address)
    if "InvalidContentType" in words:
        return SettingsError(
            f"the server at {address} does not speak TLS, which TEMPORAL_TLS, a certificate or "
            "TEMPORAL_API_KEY turns on: set the address of one that does, or TEMPORAL_TLS=false"
        )
    return await _of_connection(words, address, config)


def is_namespace_missing(error: RPCError) -> bool:
    """Tell whether the server knows no such namespace; for a missing run it says NOT_FOUND too."""
    details = error.grpc_status.details if error.grpc_status else ()
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


def _of_answer(
    error: RPCError, address: str, config: ClientConnectConfig
) -> TemporalUnreachable | SettingsError:
    if error.status in _REFUSED:
        return _refused(address, config)
    if is_namespace_missing(error):
        return SettingsError(
            f"Temporal at {address} has no namespace {_namespace(config)!r}: set "
            "TEMPORAL_NAMESPACE, or create it with 'python starter.py setup'"
        )
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return SettingsError(f"Temporal at {address} refuses TEMPORAL_NAMESPACE: {error.message}")
    return _unreachable(address, error.message)


def _refused(address: str, config: ClientConnectConfig) -> SettingsError:
    if "api_key" not in config:
        return SettingsError(
            f"Temporal at {address} lets nobody in without a key: set TEMPORAL_API_KEY"
        )
    return SettingsError(
        f"Temporal at {address} refuses the key of TEMPORAL_API_KEY for namespace "
        f"{_namespace(config)!r}: set a key that may use it, or TEMPORAL_NAMESPACE"
    )


def _of_certificate(words: str, address: str) -> SettingsError:
    whose = f"the certificate of the server at {address}"
    if "UnknownIssuer" in words:
        return SettingsError(
            f"{whose} is signed by nobody who is known here: set "
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of its authority"
        )
    if "NotValidForName" in words:
        names = ", ".join(_PRESENTED_NAME.findall(words.partition("presented:")[2]))
        return SettingsError(
            f"{whose} is for {names or 'another name'}: set TEMPORAL_ADDRESS or "
            "TEMPORAL_TLS_SERVER_NAME to that name"
        )
    if "Expired" in words:
        return SettingsError(f"{whose} has expired, or the clock of this machine is wrong")
    if "NotValidYet" in words:
        return SettingsError(f"{whose} is not valid yet, or the clock of this machine is wrong")
    reason = words.partition("InvalidCertificate")[2].strip("() ")[:_TOO_MANY_CHARACTERS]
    return SettingsError(f"{whose} cannot be trusted: {reason}")


async def _of_connection(
    words: str, address: str, config: ClientConnectConfig
) -> TemporalUnreachable | SettingsError:
    if "dns error" in words:
        return _unreachable(address, f"the name {address.rpartition(':')[0]!r} does not resolve")
    if "ConnectionRefused" in words:
        return _unreachable(address, "nothing listens there")
    if "after connection" not in words:
        return _unreachable(address, _reason_in(words))
    tls = config.get("tls")
    if not tls:
        if await _speaks_tls(address):
            return SettingsError(f"the server at {address} speaks TLS only: set TEMPORAL_TLS=true")
        return _unreachable(address, "what listens there speaks another protocol")
    has_certificate = isinstance(tls, TLSConfig) and tls.client_cert is not None
    guess = "it may not know our certificate" if has_certificate else "it may want a certificate"
    return _unreachable(
        address,
        f"it ended the connection when TLS had begun; {guess}: see TEMPORAL_TLS_CLIENT_CERT_PATH",
    )


def _unreachable(address: str, reason: str) -> TemporalUnreachable:
    return TemporalUnreachable(f"no Temporal server answers at {address}: {reason}")


def _reason_in(words: str) -> str:
    """Return what the operating system says, such as "No route to host"."""
    found = re.search(r'message: "([^"]+)"', words)
    return (found[1] if found else words)[:_TOO_MANY_CHARACTERS]


async def _speaks_tls(address: str) -> bool:
    """Tell whether whoever listens at the address answers a TLS handshake."""
    host, _, port = address.rpartition(":")
    # Only asked whether it speaks TLS: nothing is sent to it, so nobody needs to be trusted.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(OSError, ValueError, TimeoutError):
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(host.strip("[]"), int(port), ssl=context), HANDSHAKE_SECONDS
        )
        writer.close()
        return True
    return False


def _namespace(config: ClientConnectConfig) -> str:
    return config.get("namespace") or DEFAULT_NAMESPACE
