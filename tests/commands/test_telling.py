"""A mail server that is away, on a real Temporal server: what people type, and what arrives."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.mails import MailActivities
from activities.orders import OrderActivities
from bootstrap import Activities, activities_of
from config import Settings
from providers.errors import PaymentDeclined
from providers.mail import MailProvider
from providers.mail.smtp import SmtpMail
from providers.records.sql import SqlRecords
from sandbox.mailbox import list_mails, start_mailbox
from sandbox.stack import free_ports
from starter import build_parser, run
from tests.support.fakes import World
from tests.support.pipelines import Pipelines, dev_server, later_try, small_order
from tests.support.watching import result_of, until

ADDRESS = "ada.lovelace@customer.example"
CORRECTED = "ada@corrected.example"
MAIL = "mail-order-o1-confirm"


class PipelinesThatMail(Pipelines):
    """Pipelines whose mails are sent by a real provider; all else is fake."""

    def __init__(self, env: WorkflowEnvironment, world: World, mail: MailProvider) -> None:
        super().__init__(env, world)
        self._mail = mail

    def activities(self) -> Activities:
        """Return the activities of orders and mails."""
        world = self.world
        return (
            *activities_of(OrderActivities(world, world, world, self._mail, world)),
            *activities_of(MailActivities(self._mail)),
        )


class Mailbox:
    """The local mailbox, which is away until it is opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (self.port,) = free_ports(1)
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Open it at the port where it is looked for."""
        self._server = await start_mailbox("127.0.0.1", self.port, self._folder)

    def close(self) -> None:
        """Close it."""
        if self._server is not None:
            self._server.close()

    def received(self) -> list[str]:
        """Return the addresses of the mails that came, in their order."""
        return [mail.to for mail in list_mails(self._folder)]


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mailbox")
    yield mailbox
    mailbox.close()


@pytest.fixture
async def pipelines(mailbox: Mailbox, tmp_path: Path) -> AsyncIterator[Pipelines]:
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    settings = Settings(smtp_host="127.0.0.1", smtp_port=mailbox.port)
    async with dev_server() as env:
        pipelines = PipelinesThatMail(env, World(), SmtpMail(settings, records))
        async with pipelines.worker():
            yield pipelines
    await records.close()


Type = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def typed(
    pipelines: Pipelines,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Type:
    """Return what types a command; its exit code and both outputs come back."""

    async def connect(_: Settings) -> Client:
        return pipelines.env.client

    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    for module in ("mails", "listing", "order"):
        monkeypatch.setattr(f"commands.{module}.connect", connect)

    async def typed(*words: str) -> tuple[int, str, str]:
        code = await run(build_parser().parse_args(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


async def test_an_order_ends_without_its_mail_which_comes_once_when_the_server_is_back(
    pipelines: Pipelines, mailbox: Mailbox, typed: Type
) -> None:
    result = await result_of(await pipelines.order(start_signal="expedite"))
    assert (result.status, result.customer_told) == ("completed", False)

    # Not to wait until it is tried by itself, 4 s later.
    assert (await typed("tell", "o1"))[1].startswith(f"{MAIL}: tried now\n")

    async def fails() -> bool:
        _, out, _ = await typed("list", "--stuck")
        return f"{MAIL}: running\n  send_mail: attempt " in out

    await until(fails)
    code, out, _ = await typed("list", "--untold", "--json")
    (untold,) = objects(out)
    assert (code, untold["workflow_id"], untold["mail"]) == (0, "order-o1", MAIL)
    assert (untold["status"], untold["step"], untold["customer_id"]) == ("running", "confirm", "c1")
    assert untold["attempt"] >= 2
    _, out, err = await typed("list", "--untold")
    assert out.startswith("order-o1: nobody was told that the order is on its way\n  being tried, ")
    assert err.startswith("1 not told; 'starter.py tell ID' tells again; in the Temporal UI: ")
    _, out, _ = await typed("status", "o1")
    assert "\n  mail         being tried, attempt " in out
    assert "; 'starter.py tell order-o1' tells again\n" in out
    assert MAIL not in (await typed("list"))[1]
    assert MAIL in (await typed("list", "--kind", "mail"))[1]

    await mailbox.open()
    code, out, err = await typed("tell", "o1")

    assert (code, err) == (0, "")
    assert out.startswith(f"{MAIL}: tried now (not sent so far: SMTP server 127.0.0.1:")
    assert (await result_of(pipelines.mail("order-o1:confirm"))).of == "order-o1"
    assert mailbox.received() == [ADDRESS]
    assert (await typed("list", "--untold"))[1] == ""
    _, out, _ = await typed("status", "o1", "--json")
    (sent,) = objects(out)[0]["mails"]
    assert (sent["mail"], sent["status"], sent["reason"]) == (MAIL, "completed", None)
    assert "\n  mail         sent later, " in (await typed("status", "o1"))[1]
    assert await typed("tell", "o1") == (
        2,
        "",
        "error: order-o1: everybody was told, so there is nothing to tell again\n",
    )
    await pipelines.replay()


async def test_a_mail_of_an_earlier_try_is_sent_no_more_once_there_is_a_later_one(
    pipelines: Pipelines, mailbox: Mailbox, typed: Type
) -> None:
    pipelines.world.fail("charge_payment", PaymentDeclined("the card was declined"))
    declined = await result_of(await pipelines.order())
    assert (declined.status, declined.customer_told) == ("payment_failed", False)
    mail = "mail-order-o1-cancellation"

    async def is_listed() -> bool:
        return mail in (await typed("list", "--untold"))[1]

    await until(is_listed)
    again = await pipelines.order(later_try(small_order()))
    refused = f"error: {mail} is sent no more: it tells how try 1 of order-o1 ended, and try 2 "
    assert (await typed("tell", mail))[2] == f"{refused}is not over\n"
    assert not await is_listed()
    await mailbox.open()
    await again.signal("expedite")
    assert (await result_of(again)).status == "completed"

    code, out, err = await typed("tell", mail)

    assert (code, out, err) == (2, "", f"{refused}ended as completed\n")
    assert not await is_listed()


async def test_an_address_that_bounces_is_listed_and_told_again_at_a_corrected_one(
    pipelines: Pipelines, mailbox: Mailbox, typed: Type
) -> None:
    await mailbox.open()
    order = small_order(customer_email="bounce@customer.example")
    assert not (
        await result_of(await pipelines.order(order, start_signal="expedite"))
    ).customer_told

    async def is_given_up() -> bool:
        return "\n  given up: SMTP server" in (await typed("list", "--untold"))[1]

    await until(is_given_up)
    assert (await typed("tell", "o1", "--to", "nobody"))[0] == 2
    code, out, _ = await typed("tell", "o1", "--to", CORRECTED, "--json")

    (told,) = objects(out)
    assert (code, told["workflow_id"], told["mail"]) == (0, "order-o1", MAIL)
    assert (told["verdict"], "550" in told["reason"]) == ("tried anew", True)
    await result_of(pipelines.mail("order-o1:confirm"))
    assert mailbox.received() == [CORRECTED]
    assert CORRECTED not in out
    rows = objects((await typed("log", "o1", "--json"))[1])
    done, asked = [(row["who"], row["action"], row["outcome"]) for row in rows]
    assert (done, asked) == (("local", "tell", "done"), ("local", "tell", "asked"))
    where = "another address, a***@corrected.example"
    assert rows[1]["before"] == {"mail": MAIL, "asked_for": where}
    assert rows[0]["after"] == {"mail": MAIL, "goes_to": where}
    code, _, err = await typed("cancel", MAIL)
    assert (code, err) == (2, f"error: {MAIL} cannot be cancelled: it is over (completed)\n")
    await pipelines.replay()
