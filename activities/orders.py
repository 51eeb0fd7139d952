"""The steps of an order, each one call to a provider under its idempotency key."""

import datetime as dt

from temporalio import activity

from activities.attempts import attempt, number_of_attempt
from activities.metrics import count_charge, count_refund, counted_mail
from models import (
    KEY_IS_MISSING,
    ArchivedOrder,
    ArchiveReceipt,
    Charge,
    ChargeRequest,
    EffectLookup,
    FoundCharge,
    FoundShipment,
    Mail,
    MailReceipt,
    Order,
    OrderStart,
    OrderStatus,
    OrderToArchive,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    Reservation,
    ReservationRequest,
    SettledTry,
    Shipment,
    ShipmentRequest,
    TryToSettle,
    is_encrypted,
)
from providers.errors import (
    ArchiveUnavailable,
    OrderHasEnded,
    ProviderError,
    RunWasReset,
    TokenKeyMissing,
)
from providers.inventory import InventoryProvider
from providers.mail import MailProvider
from providers.payments import PaymentProvider
from providers.records import OrderArchive
from providers.shipping import ShippingProvider


class OrderActivities:
    """Activities of ``OrderWorkflow``. All raise ApplicationError, typed by provider error."""

    def __init__(
        self,
        payments: PaymentProvider,
        inventory: InventoryProvider,
        shipping: ShippingProvider,
        mail: MailProvider,
        archive: OrderArchive,
    ) -> None:
        self._payments = payments
        self._inventory = inventory
        self._shipping = shipping
        self._mail = mail
        self._archive = archive

    @activity.defn
    async def charge_payment(self, request: ChargeRequest) -> Charge:
        """Charge the customer's card, unless the order has ended in a run that was started before.

        Temporal may have forgotten that run, and the payment provider its key.
        """
        charge = await attempt(self._charge(request))
        count_charge(charge, number_of_attempt())
        return charge

    @activity.defn
    async def find_charge(self, lookup: EffectLookup) -> FoundCharge:
        """Look up a charge whose answer was lost."""
        charge = await attempt(self._payments.find_charge(lookup))
        return FoundCharge(charge=charge)

    @activity.defn
    async def refund_payment(self, request: RefundRequest) -> Refund:
        """Refund the charge, if there was one."""
        refund = await attempt(self._payments.refund(request))
        count_refund(request, refund, number_of_attempt())
        return refund

    @activity.defn
    async def reserve_inventory(self, request: ReservationRequest) -> Reservation:
        """Hold the order's items."""
        return await attempt(self._inventory.reserve(request))

    @activity.defn
    async def release_inventory(self, request: ReleaseRequest) -> Release:
        """Release the held items, if any were held."""
        return await attempt(self._inventory.release(request))

    @activity.defn
    async def schedule_shipment(self, request: ShipmentRequest) -> Shipment:
        """Hand the order to the carrier, unless an earlier run asked for it."""
        return await attempt(self._ship(request))

    @activity.defn
    async def find_shipment(self, lookup: EffectLookup) -> FoundShipment:
        """Look up a shipment whose answer was lost."""
        shipment = await attempt(self._shipping.find_shipment(lookup.idempotency_key))
        return FoundShipment(shipment=shipment)

    @activity.defn
    async def settle_try(self, earlier: TryToSettle) -> SettledTry:
        """Undo what may be left of a try, and close the key of its charge.

        Of an earlier try, or of an earlier run of this one that somebody terminated. One activity
        for all of it, so that its answers are never taken for those of the steps of the run. Not if
        the order has ended in a run that was started before.
        """
        return await attempt(self._settle(earlier))

    @activity.defn
    async def send_confirmation(self, mail: Mail) -> MailReceipt:
        """Tell the customer that the order was shipped."""
        return await attempt(counted_mail(self._mail.send(mail)))

    @activity.defn
    async def send_cancellation(self, mail: Mail) -> MailReceipt:
        """Tell the customer why the order was not shipped and what was undone.

        Not in a run that was made by a reset, unless it has asked what was done before, nor if the
        order has ended otherwise in a run that was started before.
        """
        return await attempt(self._send_in(mail))

    @activity.defn
    async def archive_order(self, order: OrderToArchive) -> ArchiveReceipt:
        """Remember how the order ended, for when Temporal has forgotten its run."""
        return await attempt(self._archive_readable(order))

    async def _settle(self, earlier: TryToSettle) -> SettledTry:
        await self._require_not_ended(earlier.start)
        shipment = await self._shipping.find_shipment(earlier.shipment_idempotency_key)
        if shipment is not None:
            return SettledTry(shipment_id=shipment.shipment_id)
        refund = await self._payments.refund(earlier.refund)
        count_refund(earlier.refund, refund, number_of_attempt())
        await self._inventory.release(earlier.release)
        return SettledTry(refund_id=refund.refund_id)

    async def _charge(self, request: ChargeRequest) -> Charge:
        _require_readable(request)
        await self._require_not_ended(request.start)
        return await self._payments.charge(request)

    async def _archive_readable(self, order: OrderToArchive) -> ArchiveReceipt:
        _require_readable(order)  # its hash would be that of no token
        return await self._archive.archive(order)

    async def _ship(self, request: ShipmentRequest) -> Shipment:
        _require_run(request.run_id)
        return await self._shipping.schedule(request)

    async def _send_in(self, mail: Mail) -> MailReceipt:
        _require_run(mail.run_id)
        await self._require_not_ended(mail.start)
        return await counted_mail(self._mail.send(mail))

    async def _require_not_ended(self, start: OrderStart | None) -> None:
        """Raise OrderHasEnded if the archive has the end of another start, which no later try is.

        Raise ArchiveUnavailable if it cannot be asked.
        """
        if start is None:  # asked for by a run of an earlier version
            return
        try:
            row = (await self._archive.archived([start.order_id])).get(start.order_id)
        except ProviderError as error:
            raise ArchiveUnavailable(str(error)) from None
        if row is None or row.first_run_id == start.first_run_id:
            return
        if row.result.try_number >= start.try_number:
            raise OrderHasEnded(_how_it_ended(row))


def _how_it_ended(row: ArchivedOrder) -> str:
    order_id, status = row.order_id, row.result.status
    when = f"{row.ended_at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    words = (
        f"nothing was done: order {order_id} ended as {status} at {when} (try "
        f"{row.result.try_number}, run {row.run_id}), see 'starter.py status {order_id}'"
    )
    is_over = status is OrderStatus.COMPLETED
    return words if is_over else f"{words}; 'starter.py retry {order_id}' tries it again"


def _require_readable(paid: ChargeRequest | Order) -> None:
    if is_encrypted(paid.payment_token):
        raise TokenKeyMissing(KEY_IS_MISSING)


def _require_run(run_id: str | None) -> None:
    """Raise RunWasReset if another run asks than this one, which a reset has made of it.

    Asked here, because a reset may also take over an activity that is due already.
    """
    if run_id not in (None, activity.info().workflow_run_id):
        raise RunWasReset("an earlier run asked for this, before it was reset")
