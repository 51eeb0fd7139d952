"""Runs of orders, each played to its end or to where it waits: recorded as histories."""

import datetime as dt

from models import Approval, OrderStatus
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderRateLimited,
    ProviderUnavailable,
)
from tests.resets.recorded import order_reset_after_its_refund, order_reset_and_rejected
from tests.support.lost_workers import lost_worker
from tests.support.pipelines import (
    QUEUE,
    OrderRun,
    Pipelines,
    Run,
    large_order,
    later_try,
    small_order,
)
from tests.support.recording import Scenario, recorded_anew
from tests.support.watching import (
    cancel_heard,
    failure_of,
    result_of,
    until_backoff,
    until_order,
)
from workflows.business_days import SATURDAY
from workflows.order.workflow import OrderWorkflow
from workflows.search_attributes import of_order

OUTAGE = [ProviderUnavailable("answered 503")] * 5


async def _to_its_end(run: OrderRun) -> OrderRun:
    await result_of(run)
    return run


async def order_completed(pipelines: Pipelines) -> Run:
    """An order without any fault."""
    return await _to_its_end(await pipelines.order())


async def order_approved(pipelines: Pipelines) -> Run:
    """One provider failure is retried."""
    pipelines.world.fail("charge_payment", ProviderUnavailable("answered 503"))
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.execute_update(OrderWorkflow.decide, Approval(approved=True, decided_by="ada"))
    await result_of(run)
    return run


async def order_rejected(pipelines: Pipelines) -> Run:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.signal("approval", {"approved": False, "reason": "over budget"})
    await result_of(run)
    return run


async def order_approval_expired(pipelines: Pipelines) -> Run:
    return await _to_its_end(await pipelines.order(large_order()))


async def order_declined(pipelines: Pipelines) -> Run:
    pipelines.world.fail("charge_payment", PaymentDeclined("the card was declined"))
    return await _to_its_end(await pipelines.order())


async def order_charge_refused(pipelines: Pipelines) -> Run:
    """The first answer was lost, so that a later refusal is no proof that no money moved."""
    pipelines.world.lose_answers("charge_payment", 1)
    pipelines.world.fail("charge_payment", InvalidRequest("no such token"))
    return await _to_its_end(await pipelines.order())


async def order_out_of_stock(pipelines: Pipelines) -> Run:
    pipelines.world.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    return await _to_its_end(await pipelines.order())


async def order_lost_answers(pipelines: Pipelines) -> Run:
    """Charge and shipment are looked up by their keys."""
    pipelines.world.lose_answers("charge_payment", 5)
    pipelines.world.lose_answers("schedule_shipment", 5)
    return await _to_its_end(await pipelines.order())


async def order_payment_opened(pipelines: Pipelines) -> Run:
    """A payment was opened first, then confirmed by its id."""
    pipelines.world.opens_payments = True
    return await _to_its_end(await pipelines.order(start_signal="expedite"))


async def order_payment_closed(pipelines: Pipelines) -> Run:
    """A payment was opened and not confirmed for want of answers; it was looked up, and undone."""
    pipelines.world.opens_payments = True
    pipelines.world.fail("charge_payment", None, *OUTAGE)
    return await _to_its_end(await pipelines.order())


async def order_ship_failed(pipelines: Pipelines) -> Run:
    """The release fails for longer than the refund waits for it."""
    pipelines.world.fail("schedule_shipment", *OUTAGE)
    pipelines.world.fail("release_inventory", ProviderRateLimited("closed for today", 86_400.0))
    run = await pipelines.order()
    await failure_of(run)
    return run


async def order_shipped_by_a_mismatch(pipelines: Pipelines) -> Run:
    """The carrier did something else than it was asked to, as its answer said."""
    mismatch = AnswerMismatch("the shipment is for another order")
    pipelines.world.lose_answers("schedule_shipment", 1, mismatch)
    return await _to_its_end(await pipelines.order())


async def order_out_of_stock_after_asking(pipelines: Pipelines) -> Run:
    return await order_out_of_stock(pipelines)


async def order_cancelled_after_asking(pipelines: Pipelines) -> Run:
    """The carrier was asked before anything was undone, although the order never came so far."""
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    await failure_of(run)
    return run


async def order_paused(pipelines: Pipelines) -> Run:
    """Paused during the wait for the business day, expedited, resumed."""
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await run.signal(OrderWorkflow.expedite)
    await until_order(run, waiting_for="resume")
    await run.signal(OrderWorkflow.resume)
    await result_of(run)
    return run


async def order_resumed_on_a_saturday(pipelines: Pipelines) -> Run:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    now = await pipelines.env.get_current_time()
    await pipelines.env.sleep(dt.timedelta(days=(SATURDAY - now.weekday()) % 7 + 7))
    await until_order(run, waiting_for="resume")
    await run.signal(OrderWorkflow.resume)
    await result_of(run)
    return run


async def order_approved_started_by_hand(pipelines: Pipelines) -> Run:
    """The order was started with no status, so that its run decided on the approval."""
    run = await pipelines.order(large_order(), search_attributes=None)
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.execute_update(OrderWorkflow.decide, Approval(approved=True, decided_by="ada"))
    await result_of(run)
    return run


async def order_completed_started_by_hand(pipelines: Pipelines) -> Run:
    return await _to_its_end(await pipelines.order(search_attributes=None))


async def order_cancelled(pipelines: Pipelines) -> Run:
    async with pipelines.world.holding("reserve_inventory") as reservation:
        run = await pipelines.order()
        await reservation.wait_until_entered()
        await cancel_heard(run)
    await failure_of(run)
    return run


async def order_cancelled_in_backoff(pipelines: Pipelines) -> Run:
    pipelines.world.lose_answers("charge_payment", 1, ProviderRateLimited("slow down", 60.0))
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.cancel()
    await failure_of(run)
    return run


async def order_cancel_refused(pipelines: Pipelines) -> Run:
    async with pipelines.world.holding("send_confirmation") as confirmation:
        run = await pipelines.order(start_signal="expedite")
        await confirmation.wait_until_entered()
        await run.cancel()
        await until_order(run, cancel_refused="already shipped as sh-o1")
    await result_of(run)
    return run


async def order_tried_again(pipelines: Pipelines) -> Run:
    """The second try of an order whose card was declined, with another card."""
    await order_declined(pipelines)
    again = later_try(small_order(), payment_token="tok_mastercard_4444")
    return await _to_its_end(await pipelines.order(again, start_signal="expedite"))


async def order_tried_again_and_cancelled(pipelines: Pipelines) -> Run:
    """The second try of a refunded order, on an approval of the first; undone as well."""
    ada = Approval(approved=True, decided_by="ada")
    pipelines.world.fail("reserve_inventory", OutOfStock("no desk left"))
    first = await pipelines.order(large_order())
    await until_order(first, status=OrderStatus.AWAITING_APPROVAL)
    await first.execute_update(OrderWorkflow.decide, ada)
    await result_of(first)
    again = later_try(large_order(), approved_before=ada)
    run = await pipelines.order(again, search_attributes=of_order(again, OrderStatus.RUNNING))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    await failure_of(run)
    return run


async def order_tried_again_too_late(pipelines: Pipelines) -> Run:
    """A second try that somebody started by hand although the first was shipped."""
    await result_of(await pipelines.order(start_signal="expedite"))
    run = await pipelines.order(later_try(small_order()))
    await failure_of(run)
    return run


async def order_started_again_by_hand(pipelines: Pipelines) -> Run:
    """A run that somebody started by hand although the archive knows that the order was shipped."""
    await result_of(await pipelines.order(start_signal="expedite"))
    run = await pipelines.order()
    await failure_of(run)
    return run


async def order_started_again_and_rejected(pipelines: Pipelines) -> Run:
    """Such a run that was rejected: the mail is refused, and not the charge."""
    decisions = ({"approved": True, "decided_by": "ada"}, {"approved": False})
    for said in decisions:
        run = await pipelines.order(
            large_order(), start_signal="approval", start_signal_args=[said]
        )
        await (result_of(run) if said["approved"] else failure_of(run))
    return run


async def order_archived_after_an_outage(pipelines: Pipelines) -> Run:
    """The archive was away for longer than the local attempt and one more."""
    pipelines.world.fail("archive_order", *OUTAGE[:2])
    return await order_cancelled_after_asking(pipelines)


WITH_THE_ARCHIVE = (
    recorded_anew("order_archived", order_completed),
    recorded_anew("order_paused_and_archived", order_paused),
    recorded_anew("order_approved_and_archived", order_approved),
    recorded_anew("order_rejected_and_archived", order_rejected),
    recorded_anew("order_declined_and_archived", order_declined),
    recorded_anew("order_out_of_stock_and_archived", order_out_of_stock),
    recorded_anew("order_cancelled_and_archived", order_cancelled_after_asking),
    order_archived_after_an_outage,
)


async def order_of_another_id(pipelines: Pipelines) -> Run:
    """The input belongs to another run, so that this one refused it."""
    run = await pipelines.env.client.start_workflow(
        OrderWorkflow.run, small_order(), id="o1", task_queue=QUEUE
    )
    await failure_of(run)
    return run


async def order_in_yen_started_by_hand(pipelines: Pipelines) -> Run:
    """2,000 yen are above the worker's threshold, with which nobody compared them before."""
    return await _to_its_end(
        await pipelines.order(small_order(currency="JPY"), search_attributes=None)
    )


async def order_in_no_currency(pipelines: Pipelines) -> Run:
    run = await pipelines.order(small_order(currency="XXX"))
    await failure_of(run)
    return run


WITH_RULES_AT_START = tuple(
    recorded_anew(f"{scenario.__name__}_by_rules", scenario)
    for scenario in (
        order_completed,
        order_approved,
        order_rejected,
        order_declined,
        order_charge_refused,
        order_out_of_stock,
        order_lost_answers,
        order_payment_closed,
        order_ship_failed,
        order_shipped_by_a_mismatch,
        order_paused,
        order_resumed_on_a_saturday,
        order_cancelled,
        order_cancelled_after_asking,
        order_tried_again,
        order_reset_and_rejected,
        order_reset_after_its_refund,
    )
)

WITH_EARLIER_RUNS_UNDONE = tuple(
    recorded_anew(f"{scenario.__name__}_by_rules_2", scenario)
    for scenario in (
        order_completed,
        order_rejected,
        order_approval_expired,
        order_charge_refused,
        order_out_of_stock,
        order_cancelled_after_asking,
    )
)

WITH_EARLIER_CANCEL_COUNTING = tuple(
    recorded_anew(f"{scenario.__name__}_by_rules_3", scenario)
    for scenario in (order_completed, order_paused, order_rejected, order_cancelled_after_asking)
)

WITH_HOURS_LOOKED_UP = tuple(
    recorded_anew(f"{scenario.__name__}_by_rules_4", scenario)
    for scenario in (
        order_completed,
        order_paused,
        order_resumed_on_a_saturday,
        order_cancelled,
        order_cancelled_after_asking,
        order_reset_and_rejected,
    )
)


async def order_lost_workers(pipelines: Pipelines) -> Run:
    """The charge waited for a worker that stays, after every attempt had lost its own."""
    pipelines.world.fail("charge_payment", *[lost_worker()] * 6)
    return await _to_its_end(await pipelines.order(start_signal="expedite"))


SCENARIOS: tuple[Scenario, ...] = (
    order_completed,
    order_approved,
    order_rejected,
    order_approval_expired,
    order_declined,
    order_charge_refused,
    order_out_of_stock,
    order_lost_answers,
    order_lost_workers,
    order_payment_opened,
    order_payment_closed,
    order_ship_failed,
    order_shipped_by_a_mismatch,
    order_out_of_stock_after_asking,
    order_cancelled_after_asking,
    order_paused,
    order_resumed_on_a_saturday,
    order_approved_started_by_hand,
    order_completed_started_by_hand,
    order_cancelled,
    order_cancelled_in_backoff,
    order_cancel_refused,
    order_tried_again,
    order_tried_again_and_cancelled,
    order_tried_again_too_late,
    order_started_again_by_hand,
    order_started_again_and_rejected,
    *WITH_THE_ARCHIVE,
    order_of_another_id,
    order_in_yen_started_by_hand,
    order_in_no_currency,
    order_reset_and_rejected,
    order_reset_after_its_refund,
    *WITH_RULES_AT_START,
    *WITH_EARLIER_RUNS_UNDONE,
    *WITH_EARLIER_CANCEL_COUNTING,
    *WITH_HOURS_LOOKED_UP,
)
