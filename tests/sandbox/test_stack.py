"""The local stack on free ports: serves, keeps its data over SIGKILL, leaves no process behind."""

import http.client
import json
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from config import ROOT, Settings
from sandbox import stack as stack_module
from sandbox.parts import is_listening, local_parts
from sandbox.processes import POLL_SECONDS, StackError
from sandbox.stack import Stack, free_ports

DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a stack on what another left whose parent was killed; neither leaves a listener."""
    temporal_address, settings = started_and_killed(tmp_path_factory.mktemp("stack"))
    listening = addresses(settings, temporal_address)
    with Stack(settings, temporal_address) as stack:
        assert all(is_listening(address) for address in listening)
        yield stack
    assert not any(is_listening(address) for address in listening)


def started_and_killed(folder: Path) -> tuple[str, Settings]:
    """Start a stack in a process and kill that process; return where the stack listened."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout
        temporal_address, fields = json.loads(parent.stdout.readline())
        settings = Settings.model_validate(fields)
        listening = addresses(settings, temporal_address)
        assert all(is_listening(address) for address in listening)

        parent.kill()

    deadline = time.monotonic() + DEADLINE_SECONDS
    while any(is_listening(address) for address in listening):
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)
    return temporal_address, settings


def addresses(settings: Settings, temporal_address: str) -> list[Any]:
    parts = local_parts(settings, temporal_address, "default")
    return [address for part in parts for address in part.addresses]


PARENT = """
import json, signal, sys
from pathlib import Path
from sandbox.stack import Stack

stack = Stack.isolated(Path(sys.argv[1]))
stack.start()
settings = stack.settings.model_dump(mode="json", include=stack.settings.model_fields_set)
print(json.dumps([stack.temporal_address, settings]), flush=True)
signal.pause()
"""


def crash_and_restart(stack: Stack, name: str) -> None:
    stack.kill(name)
    assert list(stack.ended()) == [name]
    stack.restart(name)
    assert stack.ended() == {}


def run(stack: Stack, *command: str) -> str:
    """Run a command of the same virtual environment against the stack; return its output."""
    program = Path(sys.executable).parent / command[0]
    return subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE_SECONDS,
    ).stdout


def test_temporal_knows_our_search_attributes_and_keeps_runs_over_kill_9(stack: Stack) -> None:
    run(
        stack,
        *("temporal", "workflow", "start", "--type=Order", "--task-queue=nobody"),
        *("--workflow-id=order-1", '--search-attribute=PipelineStatus="running"'),
        *("--search-attribute=TotalCents=100", '--search-attribute=CustomerId="ada"'),
        *('--search-attribute=Merchant="Holloway"', '--search-attribute=Currency="USD"'),
        '--search-attribute=SubmittedBy="shop"',
    )

    crash_and_restart(stack, "temporal")

    described = run(
        stack, "temporal", "workflow", "describe", "--workflow-id=order-1", "--output=json"
    )
    info = json.loads(described)["workflowExecutionInfo"]
    assert info["status"] == "WORKFLOW_EXECUTION_STATUS_RUNNING"
    assert set(info["searchAttributes"]["indexedFields"]) >= {
        "PipelineStatus",
        "TotalCents",
        "CustomerId",
        "Merchant",
        "Currency",
        "SubmittedBy",
    }


def test_s3_wants_our_key_and_keeps_objects_over_kill_9(stack: Stack) -> None:
    ours = s3_client(stack, secret="local-sandbox-secret")
    ours.create_bucket(Bucket="receipts")
    ours.put_object(Bucket="receipts", Key="a/b.jpg", Body=b"receipt")

    crash_and_restart(stack, "s3")

    kept = s3_client(stack, secret="local-sandbox-secret")
    assert kept.get_object(Bucket="receipts", Key="a/b.jpg")["Body"].read() == b"receipt"
    stranger = s3_client(stack, secret="another")
    with pytest.raises(stranger.exceptions.ClientError, match="SignatureDoesNotMatch"):
        stranger.get_object(Bucket="receipts", Key="a/b.jpg")


def s3_client(stack: Stack, secret: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=stack.settings.s3_endpoint_url,
        region_name=stack.settings.s3_region,
        aws_access_key_id="local-sandbox",
        aws_secret_access_key=secret,
        config=Config(
            s3={"addressing_style": "path"}, response_checksum_validation="when_required"
        ),
    )


def test_the_provider_api_keeps_charges_over_kill_9(stack: Stack) -> None:
    order = {"order_id": "1", "amount_cents": 5, "currency": "USD", "payment_token": "tok"}
    status, charged = call_api(stack, "POST", "/charges", order)
    assert status < 300

    crash_and_restart(stack, "provider-api")

    _, charges = call_api(stack, "GET", "/charges")
    assert [charge["transaction_id"] for charge in charges["data"]] == [charged["transaction_id"]]


def call_api(stack: Stack, method: str, path: str, body: object = None) -> tuple[int, Any]:
    address = stack.settings.provider_api_url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=DEADLINE_SECONDS)
    key = stack.settings.provider_api_key.get_secret_value()
    headers = {
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": "order-1:charge",
        "Content-Type": "application/json",
    }
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def test_the_mailbox_keeps_mails_over_kill_9(stack: Stack) -> None:
    with smtplib.SMTP(stack.settings.smtp_host, stack.settings.smtp_port) as smtp:
        smtp.sendmail("us@sandbox.example", ["ada@customers.example"], "Subject: shipped\n\nYes.")

    crash_and_restart(stack, "mailbox")

    assert "shipped" in run(stack, "python", "-m", "sandbox.mailbox", "--list")


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    another = Stack.isolated(stack.settings.state_dir)

    with pytest.raises(StackError, match=r"uses .* already: stop it, or set STATE_DIR"):
        another.start()


def test_a_taken_port_is_named_with_the_setting_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_module, "PORT_SECONDS", 0)
    stack = Stack.isolated(tmp_path)
    port = stack.settings.smtp_port

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(StackError, match=rf"^port {port} on 127\.0\.0\.1.* set SMTP_PORT to"),
    ):
        stack.start()


def test_a_part_that_cannot_start_stops_the_others(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file where the mailbox wants its folder")
    stack = Stack.isolated(tmp_path)

    with pytest.raises(StackError, match=r"mailbox ended with exit code"):
        stack.start()

    listening = addresses(stack.settings, stack.temporal_address)
    assert not any(is_listening(address) for address in listening)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("S3_ENDPOINT_URL", "https://storage.example.com"),
        ("PROVIDER_API_URL", "http://10.0.0.7:8700"),
        ("TEMPORAL_UI_URL", "http://127.0.0.1"),
        ("TEMPORAL_ADDRESS", "temporal.example.com:7233"),
    ],
)
def test_an_address_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)

    with pytest.raises(StackError, match=rf"^{setting} is {value}: .*only 127\.0\.0\.1"):
        Stack(Settings(state_dir=tmp_path)).start()


def test_free_ports_can_be_listened_on_and_differ() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_an_isolated_stack_ignores_the_providers_of_the_developer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.com/production")
    monkeypatch.setenv("RECEIPT_PARSER", "openai")

    environment = Stack.isolated(tmp_path).environment()

    assert str(tmp_path) in environment["DATABASE_URL"]
    assert environment["RECEIPT_PARSER"] == "rules"
