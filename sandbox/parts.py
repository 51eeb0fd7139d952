"""The parts of the local stack: their commands, where they listen, how to see that they serve.

Without one place for it, ``make dev``, the tests and the benchmarks would each run a
server of slightly other settings, and figures or bugs of one would not show in another.
"""

import http.client
import shutil
import socket
import sys
import sysconfig
from collections.abc import Callable
from os import environ, pathsep
from urllib.parse import urlsplit

from config import Settings
from sandbox.processes import Address, Part, StackError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PROBE_SECONDS = 1.0
WORKER_READY = "worker ready"

TEMPORAL_SETTINGS = (
    # Survives kill -9 like the default (journal mode DELETE, synchronous FULL) at several
    # times its speed; only a power cut can cost the last transactions.
    "--sqlite-pragma=journal_mode=WAL",
    "--sqlite-pragma=synchronous=NORMAL",
    # Timers and retry waits are otherwise up to a second late.
    '--dynamic-config-value=history.timerProcessorMaxTimeShift="1ms"',
    # The default of 20 polls a second makes every workflow task wait for a tick of 50 ms.
    "--dynamic-config-value=history.transferProcessorMaxPollRPS=1000",
    "--dynamic-config-value=history.timerProcessorMaxPollRPS=1000",
    # Customers take turns where tasks wait; by default whoever came first goes first.
    "--dynamic-config-value=matching.enableFairness=true",
    # A run whose code fails is found under TemporalReportedProblems, and in the UI's view "Task
    # Failures", after two failures in a row as in Temporal Cloud; the default is five.
    "--dynamic-config-value=system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
    "--search-attribute=PipelineStatus=Keyword",
    "--search-attribute=CustomerId=Keyword",
    "--search-attribute=TotalCents=Int",
    "--search-attribute=Currency=Keyword",
    "--search-attribute=Merchant=Keyword",
    "--search-attribute=SubmittedBy=Keyword",
    # The browser would otherwise call out for news.
    "--ui-disable-news-fetch",
)


def local_parts(
    settings: Settings,
    temporal_address: str,
    namespace: str,
    temporal_options: tuple[str, ...] = (),
) -> tuple[Part, ...]:
    """Return the parts of the stack for these settings, in the order in which they are stopped.

    Raise StackError if a setting names an address that is not on this machine, or a
    program is not installed.
    """
    return (
        _temporal(settings, temporal_address, namespace, temporal_options),
        _s3(settings),
        _provider_api(settings),
        _mailbox(settings),
    )


def worker_part(name: str, arguments: tuple[str, ...], settings: Settings) -> Part:
    """Return ``worker.py`` with these arguments as a part, ready once it has said so."""
    return Part(
        name=name,
        command=(sys.executable, "-u", "worker.py", *arguments),
        is_ready=_says(WORKER_READY),
        # It waits for its own steps and then for its OCR process; more than that is a hang.
        grace_seconds=2 * settings.worker_grace_seconds + 5,
    )


def server_part(settings: Settings) -> Part:
    """Return ``server.py`` as a part, ready once it answers.

    Raise StackError if its address is not on this machine.
    """
    url = f"http://{settings.server_host}:{settings.server_port}"
    address = _local_address(url, "SERVER_HOST")
    return Part(
        name="server",
        command=(sys.executable, "-u", "server.py"),
        is_ready=_answers_http(address, "/healthz", 200),
        addresses=(address,),
        grace_seconds=25,
    )


def _temporal(
    settings: Settings, temporal_address: str, namespace: str, options: tuple[str, ...]
) -> Part:
    grpc = _local_address(f"//{temporal_address}", "TEMPORAL_ADDRESS")
    ui = _local_address(settings.temporal_ui_url, "TEMPORAL_UI_URL")
    folder = settings.state_dir / "temporal"
    folder.mkdir(parents=True, exist_ok=True)
    return Part(
        name="temporal",
        command=(
            _program("temporal"),
            "server",
            "start-dev",
            f"--ip={grpc.host}",
            f"--port={grpc.port}",
            f"--ui-port={ui.port}",
            f"--db-filename={folder / 'temporal.db'}",
            f"--namespace={namespace}",
            "--log-level=warn",
            *TEMPORAL_SETTINGS,
            *options,
        ),
        # The UI asks the server, so one answer speaks for both.
        is_ready=_answers_http(ui, f"/api/v1/namespaces/{namespace}", 200),
        addresses=(grpc, ui),
    )


def _s3(settings: Settings) -> Part:
    address = _local_address(settings.s3_endpoint_url or "", "S3_ENDPOINT_URL")
    key, secret = settings.s3_access_key_id, settings.s3_secret_access_key
    if key is None or secret is None:
        raise StackError("the local S3 needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY")
    folder = settings.state_dir / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    return Part(
        name="s3",
        command=(
            _program("rclone"),
            "serve",
            "s3",
            f"--addr={address.host}:{address.port}",
            "--config=",
            str(folder),
        ),
        # Not on the command line, which every user of the machine can read. One CSV field.
        environment={"RCLONE_AUTH_KEY": f'"{key.get_secret_value()},{secret.get_secret_value()}"'},
        # An answer is enough: a request without a signature is refused.
        is_ready=_answers_http(address, "/"),
        addresses=(address,),
    )


def _provider_api(settings: Settings) -> Part:
    address = _local_address(settings.provider_api_url, "PROVIDER_API_URL")
    return Part(
        name="provider-api",
        command=(sys.executable, "-u", "-m", "sandbox.provider_api"),
        is_ready=_answers_http(address, "/"),
        addresses=(address,),
    )


def _mailbox(settings: Settings) -> Part:
    address = _local_address(f"//{settings.smtp_host}:{settings.smtp_port}", "SMTP_PORT")
    return Part(
        name="mailbox",
        command=(sys.executable, "-u", "-m", "sandbox.mailbox"),
        is_ready=_greets_smtp(address),
        addresses=(address,),
    )


def _local_address(url: str, setting: str) -> Address:
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK or parts.port is None:
        raise StackError(
            f"{setting} is {url.removeprefix('//') or 'empty'}: the local stack serves only "
            "127.0.0.1 and a port; unset it, or run worker.py alone against that address"
        )
    # The name localhost may mean ::1 to one side and 127.0.0.1 to the other.
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return Address(host, parts.port, setting)


def _program(name: str) -> str:
    """Return the path of a program: from our own packages before any other of that name."""
    scripts = sysconfig.get_path("scripts")
    path = shutil.which(name, path=f"{scripts}{pathsep}{environ.get('PATH', '')}")
    if path is None:
        raise StackError(f"the program {name} is not installed: run 'make demo' once")
    return path


def is_listening(address: Address) -> bool:
    """Return whether anybody accepts connections there."""
    try:
        with socket.create_connection((address.host, address.port), PROBE_SECONDS):
            return True
    except OSError:
        return False


def _answers_http(
    address: Address, path: str, expected: int | None = None
) -> Callable[[str], bool]:
    def probe(_output: str) -> bool:
        # Not urllib, which would ask the proxy of the environment.
        connection = http.client.HTTPConnection(address.host, address.port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", path)
            status = connection.getresponse().status
            return expected in (None, status)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe


def _greets_smtp(address: Address) -> Callable[[str], bool]:
    def probe(_output: str) -> bool:
        try:
            with socket.create_connection((address.host, address.port), PROBE_SECONDS) as mail:
                return mail.recv(3) == b"220"
        except OSError:
            return False

    return probe


def _says(beginning: str) -> Callable[[str], bool]:
    def probe(output: str) -> bool:
        return any(line.startswith(beginning) for line in output.splitlines())

    return probe
