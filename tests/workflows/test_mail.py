"""A mail that its run could not send: it holds up nothing, has days, and is sent once."""

import datetime as dt
import gc

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError, CancelledError

from models import HandedOverMail, Mail, MailStatus, OrderStatus, ReceiptStatus, TellAgain
from providers.errors import (
    BadAddress,
    OutOfStock,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
)
from tests.support.fakes import World
from tests.support.pipelines import (
    HEARS_DURING_LOCAL_STEPS,
    QUEUE,
    MailRun,
    Pipelines,
    later_try,
    small_order,
)
from tests.support.watching import (
    cancel_heard,
    cancelled_order,
    closing_status,
    failure_of,
    mail_state,
    order_state,
    result_of,
    summaries,
    until,
    until_backoff,
    until_order,
)
from workflows.mail.workflow import MailWorkflow
from workflows.search_attributes import CUSTOMER_ID, PIPELINE_STATUS

AWAY = ProviderUnavailable("answered 421")
SOON = ProviderRateLimited("slow down", 11.0)
"""More than a run waits for, so that it hands its mail over at once."""

A_DAY = ProviderRateLimited("closed for today", 86_400.0)
REFUSED = BadAddress("the server refuses a***@customer.example")
MINUTE = dt.timedelta(minutes=1).total_seconds()
CONFIRM = "order-o1:confirm"


def out_of_reach(world: World, own_step: str = "send_confirmation", more: int = 0) -> None:
    """Fail a run's own attempt to mail, and some more of the mail's own run."""
    world.fail(own_step, SOON)
    world.fail("send_mail", *[AWAY] * more)


async def handed_over(pipelines: Pipelines) -> MailRun:
    """Return the run of the confirmation that an order could not send, which was shipped.

    Time stands still: to wait for the order's result would skip the mail's days too.
    """
    run = await pipelines.order(start_signal="expedite")
    assert not (await until_order(run, status=OrderStatus.COMPLETED)).customer_told
    return pipelines.mail(CONFIRM)


# --- nothing is held up -------------------------------------------------------------------------


async def test_an_order_is_complete_at_once_and_its_mail_comes_later(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_confirmation", AWAY, AWAY, AWAY)
    world.fail("send_mail", *[AWAY] * 8)
    run = await pipelines.order(start_signal="expedite")
    assert not (await result_of(run)).customer_told
    assert (await order_state(run)).elapsed_seconds < MINUTE
    assert world.waits_of("send_confirmation") == [1, 2]

    sent = await result_of(pipelines.mail(CONFIRM))

    assert (sent.of, sent.idempotency_key, sent.message_id) == (
        "order-o1",
        CONFIRM,
        f"<{CONFIRM}>",
    )
    assert world.waits_of("send_mail") == [10, 20, 40, 80, 160, 320, 600, 600]
    assert {str(call.request) for call in world.calls_of("send_mail")} == {
        str(call.request) for call in world.calls_of("send_confirmation")
    }
    assert list(world.mails) == [CONFIRM]


async def test_a_receipt_is_complete_at_once_too(pipelines: Pipelines, world: World) -> None:
    world.fail("notify_user", AWAY, AWAY, AWAY)
    result = await result_of(await pipelines.receipt())
    assert result.status is ReceiptStatus.COMPLETED
    assert (result.user_told, result.not_told_because) == (False, "answered 421")
    mail = pipelines.mail("receipt-u1-abc:tell")
    assert (await result_of(mail)).of == "receipt-u1-abc"
    assert list(world.mails) == ["receipt-u1-abc:tell"]


async def test_the_mail_of_a_cancelled_order_outlives_it(
    pipelines: Pipelines, world: World
) -> None:
    out_of_reach(world, "send_cancellation", more=3)
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    assert not (await cancelled_order(run)).customer_told
    assert (await result_of(pipelines.mail("order-o1:refunded"))).of == "order-o1"
    assert "refunded as re-o1" in world.mails["order-o1:refunded"].body


@pytest.mark.parametrize("fault", [RuntimeError("a bad deploy"), Unauthorized("a wrong password")])
async def test_a_fault_of_ours_holds_up_nothing_either(
    pipelines: Pipelines, world: World, fault: Exception
) -> None:
    world.fail("send_confirmation", fault, fault, fault)
    world.fail("send_mail", *[fault] * 5)
    mail = await handed_over(pipelines)
    await result_of(mail)
    assert list(world.mails) == [CONFIRM]


async def test_a_long_wait_that_the_server_names_is_kept_and_holds_up_nothing(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_confirmation", ProviderRateLimited("slow down", 3600.0))
    mail = await handed_over(pipelines)
    state = await mail_state(mail)
    assert (state.waiting_for, state.reason) == ("the mail server", "slow down")
    await result_of(mail)
    (refused,), (sent,) = world.calls_of("send_confirmation"), world.calls_of("send_mail")
    assert (sent.at - refused.at).total_seconds() == pytest.approx(3600, abs=5)


# --- days, and the end of them ------------------------------------------------------------------


async def test_a_mail_is_given_up_after_three_days(pipelines: Pipelines, world: World) -> None:
    world.fail("send_confirmation", A_DAY)
    world.fail("send_mail", *[A_DAY] * 9)
    mail = await handed_over(pipelines)
    failure = await failure_of(mail)
    assert isinstance(failure, ApplicationError)
    assert failure.type == ProviderRateLimited.__name__
    assert failure.message == "not sent within 3 days: closed for today"
    assert 3 <= len(world.calls_of("send_mail")) <= 4
    state = await mail_state(mail)
    assert (state.status, state.reason) == (MailStatus.FAILED, failure.message)
    shown = (await mail.describe()).typed_search_attributes
    assert (shown.get(PIPELINE_STATUS), shown.get(CUSTOMER_ID)) == ("failed", "c1")


async def test_an_address_that_is_refused_is_given_up_without_another_try(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_confirmation", REFUSED)
    mail = await handed_over(pipelines)
    failure = await failure_of(mail)
    assert isinstance(failure, ApplicationError)
    assert (failure.type, failure.message) == (BadAddress.__name__, str(REFUSED))
    assert len(world.calls_of("send_confirmation")) == 1
    assert world.calls_of("send_mail") == []


async def test_an_address_that_is_refused_later_ends_the_tries(
    pipelines: Pipelines, world: World
) -> None:
    out_of_reach(world, more=1)
    world.fail("send_mail", REFUSED)
    failure = await failure_of(await handed_over(pipelines))
    assert isinstance(failure, ApplicationError)
    assert (failure.type, failure.message) == (BadAddress.__name__, str(REFUSED))
    assert len(world.calls_of("send_mail")) == 2


# --- tell again ---------------------------------------------------------------------------------


async def tried_tomorrow(pipelines: Pipelines, world: World) -> MailRun:
    """Return the run of a mail whose next attempt is a day away."""
    out_of_reach(world)
    world.fail("send_mail", A_DAY)
    mail = await handed_over(pipelines)
    await pipelines.env.sleep(12)
    await until_backoff(mail, "send_mail")
    return mail


async def test_whoever_says_so_has_it_tried_now(pipelines: Pipelines, world: World) -> None:
    mail = await tried_tomorrow(pipelines, world)
    await mail.signal("tell")
    await until(lambda: was_sent(world))
    assert (await result_of(mail)).idempotency_key == CONFIRM
    (waited,) = world.waits_of("send_mail")
    assert waited < MINUTE


async def was_sent(world: World) -> bool:
    return CONFIRM in world.mails


async def test_a_corrected_address_is_used_from_then_on(pipelines: Pipelines, world: World) -> None:
    world.fail("send_confirmation", A_DAY)
    mail = await handed_over(pipelines)
    await mail.signal(MailWorkflow.on_tell, TellAgain(to="ada@new.example"))
    await result_of(mail)
    assert world.mails[CONFIRM].to == "ada@new.example"
    assert len(world.calls_of("send_mail")) == 1


@pytest.mark.parametrize("said", [[{"to": "no address"}], [{"to": 7}], [{}, {}], ["yes"]])
async def test_nonsense_changes_nothing(
    pipelines: Pipelines, world: World, said: list[object]
) -> None:
    out_of_reach(world, more=1)
    mail = await handed_over(pipelines)
    await mail.signal("tell", args=said)
    await result_of(mail)
    assert world.mails[CONFIRM].to == small_order().customer_email
    assert world.waits_of("send_mail") == [10]


async def test_an_attempt_that_runs_when_somebody_says_so_is_not_made_twice(
    pipelines: Pipelines, world: World
) -> None:
    out_of_reach(world)
    async with world.holding("send_mail") as attempt:
        mail = await handed_over(pipelines)
        await pipelines.env.sleep(12)
        await attempt.wait_until_entered()
        await mail.signal("tell")
        await mail.query("status")
    await result_of(mail)
    assert len(world.calls_of("send_mail")) == 1


async def test_a_mail_that_is_refused_while_its_order_goes_on_warns_nobody(
    pipelines: Pipelines, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.fail("send_confirmation", REFUSED)
    async with world.holding("archive_order") as archive:
        run = await pipelines.order(start_signal="expedite", task_timeout=HEARS_DURING_LOCAL_STEPS)
        await archive.wait_until_entered()
        await failure_of(pipelines.mail(CONFIRM))
        await order_state(run)  # its worker was told
        gc.collect()  # what nobody looked at warns when it goes
    await result_of(run)
    assert "never retrieved" not in caplog.text


# --- cancel -------------------------------------------------------------------------------------


async def test_a_cancelled_mail_is_tried_no_more(pipelines: Pipelines, world: World) -> None:
    mail = await tried_tomorrow(pipelines, world)
    await mail.cancel()
    assert isinstance(await failure_of(mail), CancelledError)
    assert await closing_status(mail) is WorkflowExecutionStatus.CANCELED
    assert (await mail_state(mail)).status is MailStatus.CANCELLED
    assert world.mails == {}


async def test_a_mail_that_is_just_being_sent_is_sent_nonetheless(
    pipelines: Pipelines, world: World
) -> None:
    out_of_reach(world)
    async with world.holding("send_mail") as attempt:
        mail = await handed_over(pipelines)
        await pipelines.env.sleep(12)
        await attempt.wait_until_entered()
        await cancel_heard(mail)
    assert (await result_of(mail)).idempotency_key == CONFIRM
    assert (await mail_state(mail)).status is MailStatus.COMPLETED


async def test_a_receipt_that_is_cancelled_while_its_mail_waits_tells_nobody(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("notify_user", AWAY)
    run = await pipelines.receipt()
    await until_backoff(run, "notify_user")
    await run.cancel()
    assert isinstance(await failure_of(run), CancelledError)
    assert (world.mails, world.calls_of("send_mail")) == ({}, [])


# --- what is there already ----------------------------------------------------------------------


@pytest.mark.parametrize("error", [None, AWAY])
async def test_a_mail_that_is_tried_or_was_sent_already_is_left_to_its_run(
    pipelines: Pipelines, world: World, error: ProviderError | None
) -> None:
    """As after a reset, when the same order hands its mail over once more."""
    out_of_reach(world)
    world.fail("send_mail", error)
    mail = HandedOverMail(
        mail=Mail(idempotency_key=CONFIRM, to="ada@first.example", subject="s", body="b"),
        of="order-o1",
    )
    first = await pipelines.env.client.start_workflow(
        MailWorkflow.run, mail, id="mail-order-o1-confirm", task_queue=QUEUE
    )
    if error is None:
        await result_of(first)
    await result_of(await pipelines.order(start_signal="expedite"))
    await result_of(pipelines.mail(CONFIRM))
    assert list(world.mails) == [CONFIRM]
    assert world.mails[CONFIRM].to == "ada@first.example"


async def test_a_mail_that_was_given_up_is_tried_anew(pipelines: Pipelines, world: World) -> None:
    out_of_reach(world)
    mail = HandedOverMail(
        mail=Mail(idempotency_key=CONFIRM, to="ada@first.example", subject="s", body="b"),
        of="order-o1",
        refused=BadAddress.__name__,
    )
    await failure_of(
        await pipelines.env.client.start_workflow(
            MailWorkflow.run, mail, id="mail-order-o1-confirm", task_queue=QUEUE
        )
    )
    await result_of(await handed_over(pipelines))
    assert list(world.mails) == [CONFIRM]


async def test_a_mail_under_another_id_is_refused(pipelines: Pipelines, world: World) -> None:
    mail = Mail(idempotency_key=CONFIRM, to="ada@first.example", subject="s", body="b")
    for started_with in (HandedOverMail(mail=mail, of="order-o1"), {"to": "ada@first.example"}):
        run = await pipelines.env.client.start_workflow(
            "MailWorkflow", started_with, id="mail-nobody", task_queue=QUEUE
        )
        failure = await failure_of(run)
        assert isinstance(failure, ApplicationError)
        assert failure.type in ("WrongWorkflowId", "ValidationError")
        assert "ada@" not in failure.message
    assert world.calls == []


async def test_a_later_try_drops_the_mail_that_tells_how_the_earlier_one_ended(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    world.fail("send_cancellation", A_DAY)
    first = await pipelines.order()

    async def is_over() -> bool:  # the result would be waited for with time skipped
        return await closing_status(first) is WorkflowExecutionStatus.COMPLETED

    await until(is_over)
    mail = pipelines.mail("order-o1:cancellation")
    again = later_try(small_order(), unsent_mails=(mail.id,))
    second = await pipelines.order(again, start_signal="expedite")

    async def is_dropped() -> bool:
        return await closing_status(mail) is WorkflowExecutionStatus.CANCELED

    await until(is_dropped)
    assert (await result_of(second)).customer_told
    assert list(world.mails) == ["order-o1:confirm:2"]


# --- what people see ----------------------------------------------------------------------------


async def test_the_page_of_a_mail_says_how_to_tell_again_and_names_nobodys_address(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    out_of_reach(world, "send_cancellation", more=1)
    order = await pipelines.order()
    await until_order(order, status=OrderStatus.OUT_OF_STOCK)
    mail = pipelines.mail("order-o1:refunded")
    metadata = await mail.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    head = "**Mail of order-o1: that the order was refunded**: **running**"
    assert head in metadata.current_details
    assert "`python starter.py tell mail-order-o1-refunded`" in metadata.current_details
    assert "- reason: slow down" in metadata.current_details
    await result_of(mail)
    said = [
        metadata.current_details,
        str((await mail.describe()).typed_search_attributes),
        *summaries(await mail.fetch_history()),
        *summaries(await order.fetch_history()),
    ]
    assert "customer.example" not in " ".join(said)
