"""Many orders with one command: each starts once, whatever is wrong with the others."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from config import ROOT
from tests.support.terminal import (
    COMMAND_SECONDS,
    Answer,
    Terminal,
    eventually,
    meanwhile,
    order_document,
)

NOBODY = "nobody-serves-it"
"""A task queue without a worker, for orders of which only the start matters."""

LONG = 120
"""Number of orders in the batch that is cut off; far more than are in flight at a time."""

CUT_AFTER_BYTES = 40_000
"""The size of about thirty of them."""

BAR = re.compile(rb"starting .*\d+%")


class Relay:
    """Forwards a client's bytes to a server until the limit, and then closes for good."""

    def __init__(self, address: str, cut_after_bytes: int) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._left = cut_after_bytes
        self._cut = asyncio.Event()
        self._listening = threading.Event()
        self.address = ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._listening.wait(COMMAND_SECONDS)

    def close(self) -> None:
        """Wait until it is closed."""
        self._thread.join(COMMAND_SECONDS)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1")
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._listening.set()
        await self._cut.wait()
        server.close()

    async def _pass_on(self, asking: asyncio.StreamReader, told: asyncio.StreamWriter) -> None:
        answering, asked = await asyncio.open_connection(self._host, self._port)
        back = asyncio.create_task(self._copy(answering, told))
        while (data := await asking.read(4096)) and self._left > 0:
            self._left -= len(data)
            asked.write(data)
        back.cancel()
        asked.close()
        told.close()
        self._cut.set()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(4096):
            target.write(data)


def lines(name: str, count: int) -> list[str]:
    return [json.dumps(order_document(f"{name}-{number}")) for number in range(count)]


def written(folder: Path, name: str, of: list[str]) -> str:
    file = folder / f"{name}.jsonl"
    file.write_text("\n".join(of))
    return str(file)


@pytest.fixture(scope="module")
def long_batch(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("batch"), "long", lines("cut-off", LONG))


@pytest.fixture(scope="module", autouse=True)
def cut_off(shop: Terminal, long_batch: str) -> Iterator[Future[Answer]]:
    """Submit orders to a server that goes away.

    The SDK tries to reach it for ten seconds; the other tests of this file run meanwhile.
    """
    relay = Relay(shop.stack.temporal_address, CUT_AFTER_BYTES)
    cut = {"TASK_QUEUE": NOBODY, "TEMPORAL_ADDRESS": relay.address}
    yield meanwhile(lambda: shop.starter("order", long_batch, "--json", **cut))
    relay.close()


def test_of_many_orders_the_bad_are_named_and_the_others_start_once(
    shop: Terminal, tmp_path: Path
) -> None:
    batch = lines("of-many", 25)
    batch[16] = batch[16].replace('"quantity": 1', '"quantity": 0')
    batch[20] = batch[3]
    file = written(tmp_path, "orders", batch)

    first = shop.starter("order", file, TASK_QUEUE=NOBODY)

    assert first.code == 2
    assert first.out == "25 orders: 23 started, 1 joined, 1 refused\n"
    assert first.err.startswith(f"error: {file} line 17: not an order: items.0.quantity is 0: it ")
    assert first.err.count("\n") == 1

    batch[4] = batch[4].replace('"quantity": 1', '"quantity": 2')
    written(tmp_path, "orders", batch)

    again = shop.starter("order", file, "--json", TASK_QUEUE=NOBODY)

    assert again.code == 2
    said = {answer["source"].removeprefix(f"{file} line "): answer for answer in again.objects}
    assert set(said) == {str(number) for number in range(1, 26)}
    refused = {line: answer["error"] for line, answer in said.items() if "error" in answer}
    assert set(refused) == {"5", "17"}
    assert refused["5"].startswith("order id 'of-many-4' was used before for other content")
    assert all(answer["joined"] for answer in again.objects if "error" not in answer)
    assert said["21"]["run_id"] == said["4"]["run_id"]


def test_several_files_are_followed_to_the_end_of_each_order(
    shop: Terminal, tmp_path: Path
) -> None:
    declined = [
        json.dumps(order_document(f"followed-{number}", payment_token="tok_declined"))
        for number in range(3)
    ]
    one = tmp_path / "one.json"
    one.write_text(json.dumps(json.loads(declined[0]), indent=2))
    missing = str(tmp_path / "missing.json")

    answer = shop.starter(
        *("order", str(one), missing, "-", "--wait", "--json"), stdin="\n".join(declined[1:])
    )

    assert answer.code == 2
    assert answer.err == f"error: cannot read '{missing}': No such file or directory\n"
    sources = [said["source"] for said in answer.objects if "source" in said]
    assert sorted(sources) == [str(one), "standard input line 1", "standard input line 2"]
    ended = {said["workflow_id"]: said["status"] for said in answer.objects if "status" in said}
    assert ended == {f"order-followed-{number}": "payment_failed" for number in range(3)}


def test_files_without_any_order_are_an_error(shop: Terminal, tmp_path: Path) -> None:
    file = written(tmp_path, "blank", ["", ""])

    answer = shop.starter("order", file)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: there is no order in {file}\n"


def test_a_terminal_shows_how_far_a_batch_is_and_a_file_gets_the_sum(
    shop: Terminal, tmp_path: Path
) -> None:
    file = written(tmp_path, "shown", lines("bar", 20))
    screen, terminal = os.openpty()
    with (
        os.fdopen(screen, "rb", buffering=0) as shown,
        subprocess.Popen(
            (sys.executable, "starter.py", "order", file),
            cwd=ROOT,
            env={**shop.stack.environment(), "TASK_QUEUE": NOBODY, "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=terminal,
        ) as command,
    ):
        os.close(terminal)
        drawn = bytearray()

        def is_shown() -> bool:
            drawn.extend(shown.read(4096))
            return BAR.search(drawn) is not None

        try:
            eventually(is_shown, bool)
            assert command.stdout is not None
            assert command.stdout.read() == b"20 orders: 20 started\n"
            assert command.wait(COMMAND_SECONDS) == 0
        finally:
            command.kill()


def test_a_server_that_goes_away_is_said_once_and_the_same_batch_goes_on(
    shop: Terminal, long_batch: str, cut_off: Future[Answer]
) -> None:
    answer = cut_off.result()

    *orders, gone, stopped = answer.objects
    assert answer.code == 3
    assert 0 < len(orders) < LONG
    assert not any(order["joined"] for order in orders)
    assert "does not answer" in gone["error"]
    assert stopped["error"] == (
        f"stopped after {len(orders)} orders: {len(orders)} started; submit the same again: "
        "what was started is joined, and the rest is started"
    )
    assert answer.err.count("\n") == 2

    rest = shop.starter("order", long_batch, "--json", TASK_QUEUE=NOBODY)

    assert rest.code == 0
    assert len(rest.objects) == LONG
    run_ids = {order["workflow_id"]: order["run_id"] for order in rest.objects}
    assert [run_ids[order["workflow_id"]] for order in orders] == [o["run_id"] for o in orders]
