"""What each step of an order asks of its activity: request, idempotency key, summary, policy.

Keys come from the workflow id and the step's name alone, never from a run id, an attempt or a
random number, so that a retry, a reset or a restart charges, reserves, ships and mails once.
"""

from temporalio import workflow

from activities.orders import OrderActivities
from models import (
    Charge,
    ChargeRequest,
    EffectLookup,
    FoundCharge,
    FoundShipment,
    MailReceipt,
    Order,
    OrderStatus,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    RequestedItem,
    Reservation,
    ReservationRequest,
    Shipment,
    ShipmentRequest,
)
from workflows import policies, wording
from workflows.step import Step


class OrderSteps:
    """Makes the steps of one order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._amount = wording.money(order.total_cents, order.currency)

    def charge(self) -> Step[Charge]:
        """Charge the total."""
        key = _key("charge")
        return Step(
            OrderActivities.charge_payment,
            ChargeRequest(
                idempotency_key=key,
                order_id=self._order.order_id,
                amount_cents=self._order.total_cents,
                currency=self._order.currency,
                payment_token=self._order.payment_token,
            ),
            summary=f"charge {self._amount}, key {key}",
            limits=policies.CHARGE_PAYMENT,
        )

    def find_charge(self) -> Step[FoundCharge]:
        """Ask what became of a charge whose answers were lost."""
        key = _key("charge")
        return Step(
            OrderActivities.find_charge,
            EffectLookup(idempotency_key=key),
            summary=f"look up the charge of {self._amount}, key {key}",
            limits=policies.COMPENSATION,
        )

    def refund(self) -> Step[Refund]:
        """Refund whatever was charged under the charge's key."""
        key = _key("refund")
        return Step(
            OrderActivities.refund_payment,
            RefundRequest(
                idempotency_key=key,
                charge_idempotency_key=_key("charge"),
                order_id=self._order.order_id,
                amount_cents=self._order.total_cents,
                currency=self._order.currency,
            ),
            summary=f"refund {self._amount}, key {key}",
            limits=policies.COMPENSATION,
        )

    def reserve(self) -> Step[Reservation]:
        """Hold all items."""
        key = _key("reserve")
        items = tuple(RequestedItem(sku=i.sku, quantity=i.quantity) for i in self._order.items)
        return Step(
            OrderActivities.reserve_inventory,
            ReservationRequest(idempotency_key=key, order_id=self._order.order_id, items=items),
            summary=f"reserve {wording.item_list(items)}, key {key}",
            limits=policies.RESERVE_INVENTORY,
        )

    def release(self) -> Step[Release]:
        """Give back whatever was reserved under the reservation's key."""
        key = _key("release")
        return Step(
            OrderActivities.release_inventory,
            ReleaseRequest(
                idempotency_key=key,
                reservation_idempotency_key=_key("reserve"),
                order_id=self._order.order_id,
            ),
            summary=f"release the reservation, key {key}",
            limits=policies.COMPENSATION,
        )

    def ship(self, reservation_id: str) -> Step[Shipment]:
        """Hand the reserved items to the carrier."""
        key = _key("ship")
        return Step(
            OrderActivities.schedule_shipment,
            ShipmentRequest(
                idempotency_key=key, order_id=self._order.order_id, reservation_id=reservation_id
            ),
            summary=f"ship reservation {reservation_id}, key {key}",
            limits=policies.SCHEDULE_SHIPMENT,
        )

    def find_shipment(self) -> Step[FoundShipment]:
        """Ask what became of a shipment whose answers were lost."""
        key = _key("ship")
        return Step(
            OrderActivities.find_shipment,
            EffectLookup(idempotency_key=key),
            summary=f"look up the shipment, key {key}",
            limits=policies.COMPENSATION,
        )

    def confirm(self, shipment_id: str) -> Step[MailReceipt]:
        """Mail that the order is on its way."""
        key = _key("confirm")
        return Step(
            OrderActivities.send_confirmation,
            wording.confirmation_mail(self._order, key, shipment_id),
            summary=f"mail the confirmation, key {key}",
            limits=policies.SEND_CONFIRMATION,
        )

    def tell_the_end(self, status: OrderStatus, refund_id: str | None) -> Step[MailReceipt]:
        """Mail why the order is not shipped, and what was given back."""
        key = _key("cancellation")
        return Step(
            OrderActivities.send_cancellation,
            wording.cancellation_mail(self._order, key, status, refund_id),
            summary=f"mail that the order is {status}, key {key}",
            limits=policies.SEND_CONFIRMATION,
        )


def _key(step: str) -> str:
    return f"{workflow.info().workflow_id}:{step}"
