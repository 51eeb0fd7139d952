"""The runs that are reset: every kind of which there is a recorded history, and open ones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.resets import orders, receipts
from tests.resets.play import Play

Acts = Callable[[Play], Awaitable[None]]


@dataclass(frozen=True)
class Situation:
    """How a run came to where it is reset; its name is that of the recorded history."""

    name: str
    acts: Acts

    @property
    def is_receipt(self) -> bool:
        """Whether it is a receipt and no order."""
        return self.name.startswith("receipt")


SITUATIONS = tuple(
    Situation(acts.__name__, acts)
    for acts in (
        orders.order_completed,
        orders.order_approved,
        orders.order_rejected,
        orders.order_approval_expired,
        orders.order_declined,
        orders.order_charge_refused,
        orders.order_out_of_stock,
        orders.order_out_of_stock_after_asking,
        orders.order_lost_answers,
        orders.order_lost_workers,
        orders.order_payment_opened,
        orders.order_payment_closed,
        orders.order_ship_failed,
        orders.order_shipped_by_a_mismatch,
        orders.order_cancelled_after_asking,
        orders.order_paused,
        orders.order_resumed_on_a_saturday,
        orders.order_approved_started_by_hand,
        orders.order_completed_started_by_hand,
        orders.order_cancelled,
        orders.order_cancelled_in_backoff,
        orders.order_cancel_refused,
        orders.order_tried_again,
        orders.order_tried_again_and_cancelled,
        orders.order_of_another_id,
        orders.order_whose_task_failed,
        orders.order_whose_task_timed_out,
        orders.order_reset_after_its_refund,
        orders.order_reset_and_rejected,
        orders.order_open_for_approval,
        orders.order_open_for_the_business_day,
        orders.order_open_and_approved,
        orders.order_open_and_paused,
        orders.order_open_in_a_charge,
        orders.order_open_in_a_refund,
        orders.order_open_in_a_release,
        receipts.receipt_completed,
        receipts.receipt_by_model,
        receipts.receipt_not_told,
        receipts.receipt_corrected,
        receipts.receipt_never_corrected,
        receipts.receipt_tried_again,
        receipts.receipt_open_for_a_correction,
    )
)
