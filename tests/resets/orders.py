"""Orders of every kind that has a recorded history, and open ones, up to their reset."""

import datetime as dt

from models import OrderStatus
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderRateLimited,
    ProviderUnavailable,
)
from tests.resets.play import ADA, LARGE, Play
from tests.resets.points import Reapply, points_of, reset
from tests.support.lost_workers import lost_worker
from workflows.business_days import SATURDAY, next_business_day_opening

OUTAGE = [ProviderUnavailable("answered 503")] * 5
LOST = ProviderUnavailable("the connection broke")
CLOSED = ProviderRateLimited("closed for today", 86_400.0)

MANY = 20
"""Attempts that fail until the providers are well again, with the reset."""

WAITING = OrderStatus.WAITING_FOR_BUSINESS_DAY
AWAITING = OrderStatus.AWAITING_APPROVAL


# --- orders that ended ----------------------------------------------------------------------------


async def order_completed(play: Play) -> None:
    await play.start()
    await play.ended()


async def order_approved(play: Play) -> None:
    play.fail("charge_payment", *OUTAGE[:1])
    await play.start(LARGE)
    await play.until_state(status=AWAITING)
    await play.approve()
    await play.ended()


async def order_rejected(play: Play) -> None:
    await play.start(LARGE)
    await play.until_state(status=AWAITING)
    await play.run.signal("approval", {"approved": False, "reason": "over budget"})
    await play.ended()


async def order_approval_expired(play: Play) -> None:
    await play.start(LARGE)
    await play.ended()


async def order_declined(play: Play) -> None:
    play.fail("charge_payment", PaymentDeclined("the card was declined"))
    await play.start()
    await play.ended()


async def order_charge_refused(play: Play) -> None:
    play.lose_answers("charge_payment", 1, LOST)
    play.fail("charge_payment", InvalidRequest("no such token"))
    await play.start()
    await play.ended()


async def order_out_of_stock(play: Play) -> None:
    play.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    await play.start()
    await play.ended()


async def order_out_of_stock_after_asking(play: Play) -> None:
    """And out of stock it stays."""
    await play.start(sku="sku-out-of-stock")
    await play.ended()


async def order_lost_answers(play: Play) -> None:
    play.lose_answers("charge_payment", 5, LOST)
    play.lose_answers("schedule_shipment", 5, LOST)
    await play.start()
    await play.ended()


async def order_lost_workers(play: Play) -> None:
    play.fail("charge_payment", *[lost_worker()] * 6)
    await play.start()
    await play.ended()


async def order_payment_opened(play: Play) -> None:
    play.stage.faults.open_payments(play.workflow_id)
    await play.start()
    await play.ended()


async def order_payment_closed(play: Play) -> None:
    play.stage.faults.open_payments(play.workflow_id)
    play.fail("charge_payment", None, *OUTAGE)
    await play.start()
    await play.ended()


async def order_ship_failed(play: Play) -> None:
    play.fail("schedule_shipment", *OUTAGE)
    play.fail("release_inventory", CLOSED)
    await play.start()
    await play.ended()


async def order_shipped_by_a_mismatch(play: Play) -> None:
    mismatch = AnswerMismatch("the shipment is for another order")
    play.lose_answers("schedule_shipment", 1, mismatch)
    await play.start()
    await play.ended()


async def order_cancelled_after_asking(play: Play) -> None:
    await play.start()
    await play.until_state(status=WAITING)
    await play.run.cancel()
    await play.ended()


async def order_paused(play: Play) -> None:
    await play.start()
    await play.until_state(status=WAITING)
    await play.run.signal("pause")
    await play.run.signal("expedite")
    await play.until_state(waiting_for="resume")
    await play.run.signal("resume")
    await play.ended()


async def order_resumed_on_a_saturday(play: Play) -> None:
    await play.start()
    await play.until_state(status=WAITING)
    await play.run.signal("pause")
    days = (SATURDAY - dt.datetime.now(dt.UTC).weekday()) % 7 + 7
    await play.let_time_pass(dt.timedelta(days=days))
    await play.until_state(waiting_for="resume")
    await play.run.signal("resume")
    await play.ended()


async def order_approved_started_by_hand(play: Play) -> None:
    await play.start_by_hand(LARGE)
    await play.until_state(status=AWAITING)
    await play.approve()
    await play.ended()


async def order_completed_started_by_hand(play: Play) -> None:
    await play.start_by_hand()
    await play.ended()


async def order_cancelled(play: Play) -> None:
    async with play.stage.faults.holding(play.workflow_id, "reserve_inventory") as reservation:
        await play.start()
        await reservation.entered.wait()
        await play.run.cancel()
    await play.ended()


async def order_cancelled_in_backoff(play: Play) -> None:
    play.lose_answers("charge_payment", 1, CLOSED)
    await play.start()
    await play.until_backoff("charge_payment")
    await play.run.cancel()
    await play.ended()


async def order_cancel_refused(play: Play) -> None:
    async with play.stage.faults.holding(play.workflow_id, "send_confirmation") as confirmation:
        await play.start()
        await play.run.signal("expedite")
        await confirmation.entered.wait()
        await play.run.cancel()
    await play.ended()


async def order_tried_again(play: Play) -> None:
    await order_declined(play)
    await play.try_again()
    await play.ended()


async def order_tried_again_and_cancelled(play: Play) -> None:
    """The second try rests on the approval of the first, which was refunded."""
    play.fail("reserve_inventory", OutOfStock("no desk left"))
    await play.start(LARGE)
    await play.until_state(status=AWAITING)
    await play.approve()
    await play.ended()
    await play.try_again(LARGE, approved_by=ADA)
    await play.until_state(status=WAITING)
    await play.run.cancel()
    await play.ended()


async def order_of_another_id(play: Play) -> None:
    await play.start_by_hand(workflow_id=play.name)
    await play.ended()


async def order_whose_task_failed(play: Play) -> None:
    await play.start_on_a_lost_worker(fails=True)
    await play.ended()


async def order_whose_task_timed_out(play: Play) -> None:
    await play.start_on_a_lost_worker(fails=False)
    await play.ended()


async def order_reset_after_its_refund(play: Play) -> None:
    await order_out_of_stock(play)
    await _reset_to_the_start(play)
    await play.ended()


async def order_reset_and_rejected(play: Play) -> None:
    """The charge of the first run stood when the second was rejected."""
    await order_open_and_approved(play)
    await _reset_to_the_start(play)
    await play.until_state(status=AWAITING)
    await play.run.signal("approval", {"approved": False})
    await play.ended()


async def _reset_to_the_start(play: Play) -> None:
    history = await play.run.fetch_history()
    first, *_ = points_of(history.events)
    await reset(play.stage.client, play.workflow_id, history.run_id, first.event_id, Reapply.NONE)


# --- orders that go on ----------------------------------------------------------------------------


async def order_open_for_approval(play: Play) -> None:
    await play.start(LARGE)
    await play.until_state(status=AWAITING)


async def order_open_for_the_business_day(play: Play) -> None:
    await play.start()
    await play.until_state(status=WAITING)


async def order_open_and_approved(play: Play) -> None:
    await play.start(LARGE)
    await play.until_state(status=AWAITING)
    await play.approve()
    await play.until_state(status=WAITING)


async def order_open_and_paused(play: Play) -> None:
    await play.start()
    await play.until_state(status=WAITING)
    await play.run.signal("pause")
    await play.until_state(paused=True)


async def order_open_in_a_charge(play: Play) -> None:
    """The card is charged, and the answer lost."""
    play.lose_answers("charge_payment", MANY, CLOSED)
    await play.start()
    await play.until_backoff("charge_payment")


async def order_open_in_a_refund(play: Play) -> None:
    play.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    play.fail("refund_payment", *[CLOSED] * MANY)
    await play.start()
    await play.until_backoff("refund_payment")


async def order_open_in_a_release(play: Play) -> None:
    """Refunded, but still holding its stock."""
    play.fail("schedule_shipment", *OUTAGE)
    play.fail("release_inventory", *[CLOSED] * MANY)
    await play.start()
    now = dt.datetime.now(dt.UTC)
    await play.let_time_pass(next_business_day_opening(now) - now + dt.timedelta(minutes=20))
    await play.until_backoff("release_inventory")
