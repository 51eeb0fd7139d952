"""A Temporal that is there, and is not set up for us: every program says so in one sentence."""

import json
import socket

import pytest

from sandbox.samples import ORDERS
from sandbox.stack import free_ports
from tests.support.terminal import Terminal, order_document


@pytest.mark.parametrize(
    "command",
    [
        ("starter.py", "list"),
        ("starter.py", "status", "7"),
        ("starter.py", "order", str(ORDERS / "small.json")),
        ("worker.py",),
        ("-m", "sandbox.demo"),
    ],
    ids=" ".join,
)
def test_a_namespace_that_does_not_exist_is_named(shop: Terminal, command: tuple[str, ...]) -> None:
    answer = shop.python(*command, TEMPORAL_NAMESPACE="nowhere")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        f"error: Temporal at {shop.stack.temporal_address} has no namespace 'nowhere': "
        "set TEMPORAL_NAMESPACE, or create it with 'python starter.py setup'\n"
    )


@pytest.mark.parametrize("program", ["starter.py", "worker.py", "server.py"])
def test_a_certificate_that_is_not_there_is_named(shop: Terminal, program: str) -> None:
    arguments = ["list"] if program == "starter.py" else []
    answer = shop.python(program, *arguments, TEMPORAL_TLS_SERVER_CA_CERT_PATH="/nowhere/ca.pem")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith(
        ": TEMPORAL_TLS_SERVER_CA_CERT_PATH: the file '/nowhere/ca.pem' cannot be read: "
        "No such file or directory\n"
    )


@pytest.mark.parametrize("program", ["worker.py", "server.py"])
def test_a_port_of_the_metrics_that_is_taken_is_named(shop: Terminal, program: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (free,) = free_ports(1)
        answer = shop.python(program, METRICS_PORT=str(port), SERVER_PORT=str(free))

    assert (answer.code, answer.out) == (2, "")
    *_, said = answer.err.splitlines()
    assert f": METRICS_PORT: nothing can listen at 127.0.0.1:{port}: " in said
    assert "Traceback" not in answer.err


def test_a_namespace_that_lacks_a_search_attribute_is_named(shop: Terminal) -> None:
    at = ("--address", shop.stack.temporal_address)
    made = shop.temporal("operator", "namespace", "create", "--namespace", "bare", *at)
    assert made.code == 0, made

    document = json.dumps(order_document("unfit"))
    answer = shop.starter("order", "-", "--json", stdin=document, TEMPORAL_NAMESPACE="bare")

    assert answer.code == 3
    assert answer.object["error"].startswith(
        f"namespace bare of Temporal at {shop.stack.temporal_address} lacks the search attribute "
    )
    assert answer.object["error"].endswith(": 'python starter.py setup' creates it")
