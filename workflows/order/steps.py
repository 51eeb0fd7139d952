"""What each step of an order asks of its activity: request, idempotency key, summary.

What undoes or looks up an effect names it by the key of the step that made it.
"""

from temporalio import workflow

from activities.business_hours import BusinessHoursActivities
from activities.orders import OrderActivities
from models import (
    ArchiveReceipt,
    BusinessHours,
    Charge,
    ChargeRequest,
    EffectLookup,
    EndedOrder,
    FoundCharge,
    FoundShipment,
    HoursQuestion,
    Mail,
    MailReceipt,
    OrderStart,
    OrderStatus,
    OrderToArchive,
    OrderTry,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    RequestedItem,
    Reservation,
    ReservationRequest,
    SettledTry,
    Shipment,
    ShipmentRequest,
    TryToSettle,
)
from workflows import wording
from workflows.identity import first_run_id, idempotency_key, step_key
from workflows.order.rules import Rule, in_force
from workflows.shared.step import Step

CHARGE, REFUND = "charge", "refund"
RESERVE, RELEASE = "reserve", "release"
SHIP = "ship"
CONFIRM, CANCELLATION, REFUNDED = "confirm", "cancellation", "refunded"
"""The steps' names in their idempotency keys, never renamed: an open order would no longer find the
charge that it has to refund."""


def mail_keys(workflow_id: str, try_number: int) -> list[str]:
    """Return the keys of all mails by which a try may tell how the order ended."""
    steps = (CONFIRM, CANCELLATION, REFUNDED)
    return [step_key(workflow_id, step, try_number) for step in steps]


class OrderSteps:
    """Makes the steps of one order, under the keys of its own try or of an earlier one."""

    def __init__(self, order: OrderTry, try_number: int | None = None) -> None:
        self._order = order
        self._try = try_number or order.try_number
        self._amount = wording.amount_of(order)

    def _key(self, step: str) -> str:
        return idempotency_key(step, self._try)

    def _start(self) -> OrderStart:
        return OrderStart(
            order_id=self._order.order_id, try_number=self._try, first_run_id=first_run_id()
        )

    def charge(self, payment_id: str | None = None) -> Step[Charge]:
        """Charge the total, or confirm the payment that was opened for it."""
        key = self._key(CHARGE)
        return Step(
            OrderActivities.charge_payment,
            ChargeRequest(
                idempotency_key=key,
                order_id=self._order.order_id,
                amount_cents=self._order.total_cents,
                currency=self._order.currency,
                payment_token=self._order.payment_token,
                may_open=True,
                payment_id=payment_id,
                start=self._start(),
            ),
            summary=f"confirm {payment_id} over {self._amount}, key {key}"
            if payment_id
            else f"charge {self._amount}, key {key}",
        )

    def find_charge(self, payment_id: str | None) -> Step[FoundCharge]:
        """Ask what became of a charge whose answers were lost."""
        key = self._key(CHARGE)
        return Step(
            OrderActivities.find_charge,
            EffectLookup(idempotency_key=key, payment_id=payment_id),
            summary=f"look up the charge of {self._amount}, key {key}",
        )

    def refund(self, payment_id: str | None) -> Step[Refund]:
        """Refund whatever was charged under the charge's key, and see to it that no more is."""
        request = self._refund_request(payment_id)
        return Step(
            OrderActivities.refund_payment,
            request,
            summary=f"refund {self._amount}, key {request.idempotency_key}",
        )

    def _refund_request(self, payment_id: str | None) -> RefundRequest:
        return RefundRequest(
            idempotency_key=self._key(REFUND),
            charge_idempotency_key=self._key(CHARGE),
            order_id=self._order.order_id,
            amount_cents=self._order.total_cents,
            currency=self._order.currency,
            payment_id=payment_id,
        )

    def reserve(self) -> Step[Reservation]:
        """Hold all items."""
        key = self._key(RESERVE)
        items = tuple(RequestedItem(sku=i.sku, quantity=i.quantity) for i in self._order.items)
        return Step(
            OrderActivities.reserve_inventory,
            ReservationRequest(idempotency_key=key, order_id=self._order.order_id, items=items),
            summary=f"reserve {wording.item_list(items)}, key {key}",
        )

    def release(self) -> Step[Release]:
        """Release whatever was reserved under the reservation's key."""
        request = self._release_request()
        return Step(
            OrderActivities.release_inventory,
            request,
            summary=f"release the reservation, key {request.idempotency_key}",
        )

    def _release_request(self) -> ReleaseRequest:
        return ReleaseRequest(
            idempotency_key=self._key(RELEASE),
            reservation_idempotency_key=self._key(RESERVE),
            order_id=self._order.order_id,
        )

    def settle(self, start: OrderStart | None = None) -> Step[SettledTry]:
        """See to it that nothing of this try is left, and that nothing of it can follow."""
        return Step(
            OrderActivities.settle_try,
            TryToSettle(
                refund=self._refund_request(payment_id=None),
                release=self._release_request(),
                shipment_idempotency_key=self._key(SHIP),
                start=start,
            ),
            summary=f"make sure that nothing of try {self._try} is left",
        )

    def settle_own(self) -> Step[SettledTry]:
        """See to it that nothing is left of other runs of this try, if it has not ended in one."""
        return self.settle(self._start())

    def find_business_hours(self, *, not_today: bool) -> Step[BusinessHours]:
        """Look up when business opens; it has no key, as it changes nothing."""
        return Step(
            BusinessHoursActivities.find_business_hours,
            HoursQuestion(now=workflow.now(), not_today=not_today),
            summary=f"look up the {'next business day' if not_today else 'business hours'}",
        )

    def ship(self, reservation_id: str, run_id: str) -> Step[Shipment]:
        """Hand the reserved items to the carrier, in this run and in no other."""
        key = self._key(SHIP)
        return Step(
            OrderActivities.schedule_shipment,
            ShipmentRequest(
                idempotency_key=key,
                order_id=self._order.order_id,
                reservation_id=reservation_id,
                run_id=run_id,
            ),
            summary=f"ship reservation {reservation_id}, key {key}",
        )

    def find_shipment(self) -> Step[FoundShipment]:
        """Ask what became of a shipment whose answers were lost."""
        key = self._key(SHIP)
        return Step(
            OrderActivities.find_shipment,
            EffectLookup(idempotency_key=key),
            summary=f"look up the shipment, key {key}",
        )

    def other_mails(self, mail: Step[MailReceipt]) -> list[str]:
        """Return the keys of the mails that tell of another end than this one's."""
        own = Mail.model_validate(mail.request).idempotency_key
        keys = mail_keys(workflow.info().workflow_id, self._try)
        return [key for key in keys if key != own]

    def confirm(self, shipment_id: str) -> Step[MailReceipt]:
        """Mail that the order is on its way."""
        key = self._key(CONFIRM)
        return Step(
            OrderActivities.send_confirmation,
            wording.confirmation_mail(self._order, key, shipment_id),
            summary=f"mail the confirmation, key {key}",
        )

    def tell_the_end(
        self, status: OrderStatus, refund_id: str | None, run_id: str
    ) -> Step[MailReceipt]:
        """Mail why the order is not shipped, and what was refunded.

        A refund has a mail of its own: before a reset the customer may have been told, under the
        other key, that nothing was charged.
        """
        is_refunded = refund_id is not None and in_force(Rule.REFUND_HAS_ITS_OWN_MAIL)
        key = self._key(REFUNDED if is_refunded else CANCELLATION)
        mail = wording.cancellation_mail(self._order, key, status, refund_id)
        return Step(
            OrderActivities.send_cancellation,
            mail.model_copy(update={"run_id": run_id, "start": self._start()}),
            summary=f"mail that the order is {status}, key {key}",
        )

    def archive(self, ended: EndedOrder) -> Step[ArchiveReceipt]:
        """Remember how the order ended; under its order id, so that it needs no key."""
        return Step(
            OrderActivities.archive_order,
            OrderToArchive.model_validate({**dict(self._order), **dict(ended)}),
            summary=f"archive the order as {ended.result.status}",
        )
