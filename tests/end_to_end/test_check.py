"""``starter.py check`` beside real parts, and workers that check what they need to begin."""

import asyncio
from collections.abc import Iterator

import pytest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueRequest
from temporalio.client import Client

from sandbox.mailbox import list_mails
from sandbox.stack import free_ports
from tests.support.terminal import Answer, Terminal, beside_a_stack, eventually

PARTS = [
    *("temporal", "search attributes", "workers", "token keys", "database", "access keys"),
    *("bucket", "ocr", "parser", "payment", "inventory", "shipping", "mail"),
]
NOT_OF_WORKFLOWS = {"access keys", "bucket", "ocr", "parser"}
SECRETS = {
    "S3_SECRET_ACCESS_KEY": "bucket-hidden-word",
    "PROVIDER_API_KEY": "api-hidden-word",
    "SMTP_PASSWORD": "mail-hidden-word",
}


def states(answer: Answer) -> dict[str, str]:
    return {found["part"]: found["state"] for found in answer.objects}


def test_all_is_well_and_stays_as_it_is(shop: Terminal) -> None:
    folder = shop.stack.settings.state_dir
    mails = len(list_mails(folder / "mailbox"))
    charges = shop.stack.log("provider-api").read_text().count("POST /charges")

    eventually(shop.ocr_processes, bool)  # which may be a moment behind its worker

    answer = shop.starter("check", "--json")

    assert answer.code == 0, answer
    assert [found["part"] for found in answer.objects] == PARTS
    assert set(states(answer).values()) == {"ok"}
    assert len(list_mails(folder / "mailbox")) == mails
    assert shop.stack.log("provider-api").read_text().count("POST /charges") == charges
    assert list((folder / "s3").rglob("checks/*")) == []


def test_each_part_that_is_wrong_has_a_line_and_no_secret_is_told(shop: Terminal) -> None:
    nowhere, nobody = free_ports(2)
    answer = shop.starter(
        "check",
        **SECRETS,
        SMTP_PORT=str(nobody),
        SMTP_USERNAME="ada",
        DATABASE_URL=f"postgresql://ada:db-hidden-word@127.0.0.1:{nowhere}/records",
        TASK_QUEUE="nobody-serves-it",
    )

    assert answer.code == 1
    lines = {name: line for line in answer.out.splitlines() if (name := line[:18].strip())}
    assert list(lines) == PARTS
    for well in ("temporal", "search attributes", "token keys", "ocr", "parser"):
        assert lines[well][19:].startswith("ok, ")
    assert "WRONG: no worker serves workflows (nobody-serves-it), " in lines["workers"]
    assert "start 'python worker.py'" in lines["workers"]
    for away, address in (("database", nowhere), ("access keys", nowhere), ("mail", nobody)):
        assert lines[away][19:].startswith("AWAY: ")
        assert f":{address}" in lines[away]
    assert "WRONG: S3: put into bucket receipts: answered 403" in lines["bucket"]
    for name in ("payment", "inventory", "shipping"):
        assert lines[name].endswith("the API key is refused")
    assert answer.err == "13 parts, 8 of them to be mended\n"
    assert "hidden-word" not in answer.out


def test_without_temporal_all_else_is_said(shop: Terminal) -> None:
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"

    answer = shop.starter("check", "--role", "workflows", "--json", TEMPORAL_ADDRESS=nowhere)

    assert answer.code == 1
    found = states(answer)
    assert list(found) == [one for one in PARTS if one not in NOT_OF_WORKFLOWS]
    assert found.pop("temporal") == "away"
    assert found.pop("search attributes") == found.pop("workers") == "away"
    assert set(found.values()) == {"ok"}
    assert answer.objects[0]["words"] == (
        f"no Temporal server answers at {nowhere}: nothing listens there"
    )


async def test_a_worker_with_other_code_is_named(shop: Terminal) -> None:
    client = await Client.connect(shop.stack.temporal_address)
    polling = asyncio.create_task(
        client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(
                namespace="default",
                task_queue=TaskQueue(name=shop.stack.settings.task_queue),
                identity="7@elsewhere code 00000000",
            )
        )
    )
    asked = ("check", "--role", "workflows", "--json")
    try:
        answer = await asyncio.to_thread(
            eventually,
            lambda: shop.starter(*asked),
            lambda said: "7@elsewhere" in said.out,
        )
    finally:
        polling.cancel()

    words = answer.objects[2]["words"]
    assert answer.code == 1
    assert states(answer)["workers"] == "wrong"
    assert "1 of " in words
    assert "workers run other code than this" in words
    assert "'7@elsewhere code 00000000'" in words


# --- workers ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a stack without a worker."""
    with beside_a_stack(tmp_path_factory.mktemp("alone"), worker=False) as terminal:
        yield terminal


REFUSES = "error: this worker could do nothing right with these:\n  "


def test_a_worker_whose_keys_are_refused_does_not_begin(alone: Terminal) -> None:
    answer = alone.python("worker.py", PROVIDER_API_KEY="api-hidden-word")

    assert (answer.code, answer.out) == (2, "")
    refused = answer.err[answer.err.index("error: ") :]
    assert refused.startswith(f"{REFUSES}payment: ")
    assert [line.split(":")[0].strip() for line in refused.splitlines()[1:]] == [
        *("payment", "inventory", "shipping"),
    ]
    assert "hidden-word" not in answer.err
    assert "Traceback" not in answer.err


def test_a_worker_in_a_namespace_that_was_not_set_up_does_not_begin(alone: Terminal) -> None:
    at = ("--address", alone.stack.temporal_address)
    alone.temporal("operator", "namespace", "create", "--namespace", "bare", *at)

    answer = alone.python("worker.py", "--role", "workflows", TEMPORAL_NAMESPACE="bare")

    assert (answer.code, answer.out) == (2, "")
    assert f"{REFUSES}search attributes: namespace bare: PipelineStatus is missing, " in answer.err
    assert answer.err.endswith("run 'python starter.py setup'\n")


def test_a_worker_whose_ocr_process_cannot_read_the_bucket_ends(alone: Terminal) -> None:
    answer = alone.python("worker.py", S3_SECRET_ACCESS_KEY="bucket-hidden-word")

    assert answer.code == 2
    assert f"{REFUSES}bucket: S3: get from bucket receipts: answered 403" in answer.err
    assert answer.err.endswith("error: the OCR process cannot be used, and has said why\n")
    assert "hidden-word" not in answer.err
    assert "Traceback" not in answer.err


def test_a_worker_begins_without_what_may_come_back(alone: Terminal) -> None:
    alone.stack.kill("mailbox")
    try:
        alone.stack.start_worker("--role", "providers", name="without-mail")
        said = alone.stack.log("without-mail").read_text()
    finally:
        alone.stack.terminate("without-mail")
        alone.stack.restart("mailbox")

    assert "WARNING worker mail: " in said
    assert "worker ready: " in said
