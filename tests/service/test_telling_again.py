"""Telling again, and what became of a mail: by ids, whatever its run said of itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from config import Settings
from models import Action, DecisionChannel, MailState, OrderState, OrderStatus
from providers.errors import BadAddress, ProviderRateLimited, ProviderUnavailable
from service.access.log import Doer, entries_about
from service.access.records import opened_access
from service.errors import Refused, RunNotFound
from service.mails.again import tell_again
from service.runs.find import cancel, find_open_order, find_run
from service.status import Standing, standing_of
from tests.support.fakes import World
from tests.support.pipelines import Pipelines, serving_pipelines
from tests.support.watching import (
    closing_status,
    failure_of,
    result_of,
    until,
    until_backoff,
    until_order,
)
from workflows.identity import mail_named, mail_workflow_id

A_DAY = ProviderRateLimited("closed for today", 86_400.0)
REFUSED = BadAddress("the server refuses a***@customer.example")
CONFIRM = "order-o1:confirm"


@pytest.fixture
async def pipelines() -> AsyncIterator[Pipelines]:
    async with serving_pipelines() as served:
        yield served


@pytest.fixture
def world(pipelines: Pipelines) -> World:
    return pipelines.world


@pytest.fixture
def client(pipelines: Pipelines) -> Client:
    return pipelines.env.client


async def standing(client: Client, run_id: str) -> Standing:
    """Return where a run stands that Temporal remembers."""
    return await standing_of(client, await find_run(client, run_id))


async def not_told(pipelines: Pipelines, *errors: Exception) -> None:
    """Run an order whose confirmation fails with the first error, and later with the others."""
    pipelines.world.fail("send_confirmation", errors[0])
    pipelines.world.fail("send_mail", *errors[1:])
    run = await pipelines.order(start_signal="expedite")
    assert not (await until_order(run, status=OrderStatus.COMPLETED)).customer_told

    async def has_handed_over() -> bool:
        return await closing_status(run) == WorkflowExecutionStatus.COMPLETED

    await until(has_handed_over)


async def test_a_mail_that_is_being_tried_is_tried_now(
    pipelines: Pipelines, client: Client
) -> None:
    await not_told(pipelines, A_DAY)
    (trying,) = (await standing(client, "o1")).mails
    assert (trying.status, trying.words()) == ("running", "being tried")

    (told,) = await tell_again(client, "o1")

    assert (told.workflow_id, told.of) == ("mail-order-o1-confirm", "order-o1")
    assert told.verdict == "tried now"
    await result_of(pipelines.mail(CONFIRM))
    found = await standing(client, "o1")
    assert isinstance(found.state, OrderState)
    (sent,) = found.mails
    assert (found.state.customer_told, sent.is_sent) == (False, True)
    assert sent.words().startswith("sent later, ")
    for told_id in ("o1", "mail-order-o1-confirm"):
        with pytest.raises(Refused, match="everybody was told, so there is nothing to tell again"):
            await tell_again(client, told_id)


async def test_a_mail_that_waits_says_when_it_is_tried_next_and_why_it_failed(
    pipelines: Pipelines, client: Client
) -> None:
    await not_told(pipelines, ProviderRateLimited("slow down", 11.0), A_DAY)
    await pipelines.env.sleep(12)
    await until_backoff(pipelines.mail(CONFIRM), "send_mail")
    (trying,) = (await standing(client, "o1")).mails
    assert (trying.attempt, trying.reason) == (2, "closed for today")
    assert trying.words().startswith("being tried, attempt 2")
    assert trying.words().endswith(", last error: closed for today")


async def test_a_bad_address_is_told_again_at_a_corrected_one(
    pipelines: Pipelines, world: World, client: Client
) -> None:
    await not_told(pipelines, REFUSED, REFUSED)
    await failure_of(pipelines.mail(CONFIRM))
    (given_up,) = (await standing(client, "o1")).mails
    assert (given_up.status, given_up.words()) == ("failed", f"given up: {REFUSED}")

    # The second address is a bad one too, and stays the mail's address until it is corrected.
    for address in ("ada@wrong.example", None, "ada@right.example"):
        if address is None:
            world.fail("send_mail", REFUSED)
        (told,) = await tell_again(client, "o1", address)
        assert (told.verdict, told.reason) == ("tried anew", str(REFUSED))
        if address != "ada@right.example":
            await failure_of(pipelines.mail(CONFIRM))

    await result_of(pipelines.mail(CONFIRM))
    addresses = [call.request for call in world.calls_of("send_mail")]
    assert [getattr(mail, "to", None) for mail in addresses] == [
        "ada@wrong.example",
        "ada@wrong.example",
        "ada@right.example",
    ]
    assert world.mails[CONFIRM].to == "ada@right.example"


async def test_who_has_a_mail_sent_elsewhere_is_in_the_log(
    pipelines: Pipelines, client: Client, tmp_path: Path
) -> None:
    await not_told(pipelines, A_DAY)

    async with opened_access(Settings(state_dir=tmp_path)) as access:
        olga = Doer("olga", DecisionChannel.HTTP, access.log)
        await tell_again(client, "mail-order-o1-confirm", "eve@elsewhere.example", olga)
        done, asked = await entries_about(access.log, "o1")

    assert (asked.who, asked.channel, asked.action, asked.outcome) == (
        "olga",
        DecisionChannel.HTTP,
        Action.TELL,
        "asked",
    )
    assert done.outcome == "done"
    for row in (asked.before, done.after):
        assert "another address, e***@elsewhere.example" in str(row)
        assert "mail-order-o1-confirm" in str(row)
        assert "eve@" not in str(row)


async def test_a_mail_that_its_run_gave_up_long_ago_can_be_told_again(
    pipelines: Pipelines, world: World, client: Client
) -> None:
    """As runs of before the hand-over did, and one that is terminated while it mails."""
    world.fail("send_confirmation", ProviderUnavailable("answered 421"))
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, "send_confirmation")
    with pytest.raises(Refused, match="order-o1 is not over: whom it concerns is told at its end"):
        await tell_again(client, "o1")
    await run.terminate()

    (told,) = await tell_again(client, "order-o1")

    assert (told.workflow_id, told.verdict) == ("mail-order-o1-confirm", "tried anew")
    await result_of(pipelines.mail(CONFIRM))
    assert list(world.mails) == [CONFIRM]
    assert [mail.is_sent for mail in (await standing(client, "o1")).mails] == [True]
    with pytest.raises(Refused, match="order-o1: everybody was told"):
        await tell_again(client, "o1")


async def test_who_was_told_by_the_run_itself_is_not_told_again(
    pipelines: Pipelines, client: Client
) -> None:
    await result_of(await pipelines.order(start_signal="expedite"))
    with pytest.raises(Refused, match="order-o1: everybody was told"):
        await tell_again(client, "o1")
    with pytest.raises(RunNotFound):
        await tell_again(client, "nobody")


async def test_a_mail_is_a_run_that_can_be_looked_at_and_cancelled(
    pipelines: Pipelines, client: Client
) -> None:
    await not_told(pipelines, A_DAY)
    mail_id = "mail-order-o1-confirm"
    with pytest.raises(Refused, match=f"{mail_id} is a mail: only an order can be paused"):
        await find_open_order(client, mail_id, "paused")
    assert isinstance((await standing(client, mail_id)).state, MailState)

    await cancel(client, mail_id)
    await failure_of(pipelines.mail(CONFIRM))

    state = (await standing(client, mail_id)).state
    assert isinstance(state, MailState)
    assert (state.of, state.step, state.status) == ("order-o1", "confirm", "cancelled")
    (given_up,) = (await standing(client, "o1")).mails
    assert given_up.words() == "not sent, cancelled"
    assert (await find_run(client, mail_id)).is_mail


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("order-7:confirm", ("order-7", "confirm")),
        ("order-7-confirm:confirm", ("order-7-confirm", "confirm")),
        ("order-7:cancellation:2", ("order-7", "cancellation-2")),
        ("receipt-ada-0f3a:tell", ("receipt-ada-0f3a", "tell")),
    ],
)
def test_the_id_of_a_mail_names_its_run_and_step(key: str, named: tuple[str, str]) -> None:
    assert mail_named(mail_workflow_id(key)) == named
    assert mail_named("order-7") is None
