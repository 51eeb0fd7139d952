"""Fake providers that a test controls, for faults that real providers cannot be made to have.

``World`` is all of them in one object. Calls are named by the activity that makes them. Effects are
idempotent by key, as with real providers, so a doubled effect shows as a doubled call.
"""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TypeVar

from pydantic import BaseModel
from temporalio import activity

from models import (
    ArchivedOrder,
    ArchiveReceipt,
    AuditReport,
    AuditRequest,
    Charge,
    ChargeRequest,
    EffectLookup,
    ExpenseRecord,
    ExpenseToSave,
    Mail,
    MailReceipt,
    OrderStatus,
    OrderToArchive,
    Payment,
    ReceiptFields,
    ReceiptText,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    Reservation,
    ReservationRequest,
    SavedExpense,
    Shipment,
    ShipmentRequest,
    StoredExpense,
    TextLine,
)
from providers.errors import PaymentUndone, ProviderUnavailable
from providers.records import archived_content, token_digest
from tests.support.calls import PATIENCE, Call, Fault, Hold, LocalCall

Answer = TypeVar("Answer")

Clock = Callable[[], Awaitable[dt.datetime]]
"""Returns the server's time (UTC), which is ahead of ours after it skipped time."""

TEXT = ReceiptText(
    lines=(TextLine(text="TOTAL 12.30", box=(0, 0, 100, 20), confidence=0.99),),
    width=400,
    height=800,
    engine="fake",
)

FIELDS = ReceiptFields(
    merchant="Corner Cafe",
    total_cents=1230,
    currency="EUR",
    date=dt.date(2026, 3, 4),
    parser="fake",
)


async def _our_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class World:
    """All providers, controlled with ``fail``, ``lose_answers`` and ``holding``.

    ``calls`` has each attempt of a step once. A local call that was repeated with its workflow task
    is in ``made_again``, and has the same outcome as the first time.
    """

    def __init__(self, clock: Clock = _our_time) -> None:
        self.report = AuditReport(orders=0, receipts=0, expenses=0, findings=0)
        self._clock = clock
        self.calls: list[Call] = []
        self.archivings: list[Call] = []
        """Apart from the other calls, because every order ends with one."""
        self.text = TEXT
        self.fields = FIELDS
        self.is_metered = False
        self.charges: dict[str, Charge] = {}
        self.refunds: dict[str, Refund] = {}
        """By the key of the charge; also those without ids, after which nothing is charged."""
        self.opens_payments = False
        self.finds_charges = True
        self.reservations: dict[str, Reservation] = {}
        self.released: set[str] = set()
        """Keys of the reservations."""
        self.shipments: dict[str, Shipment] = {}
        self.expenses: dict[str, ExpenseRecord] = {}
        self.duplicates: dict[str, str] = {}
        self.merchants: dict[str, Sequence[str]] = {}
        """Names that people have confirmed, by user."""
        self.known_merchants: tuple[str, ...] = ()
        """Those that the parser was last told of."""
        self.mails: dict[str, Mail] = {}
        self.orders: dict[str, ArchivedOrder] = {}
        """The archive, by order id."""
        self.made_again: list[Call] = []
        self._faults: defaultdict[str, list[Fault | None]] = defaultdict(list)
        self._faults_of_local_calls: dict[LocalCall, Fault | None] = {}
        self._holds: dict[str, Hold] = {}

    # --- for tests ---------------------------------------------------------------------------

    def fail(self, name: str, *errors: BaseException | None) -> None:
        """Fail the next calls of an activity, one error each; None lets one succeed.

        ``archived`` and ``confirmed_merchants`` are no activities, but questions that some ask
        first.
        """
        self._faults[name] += [Fault(error) if error else None for error in errors]

    def lose_answers(self, name: str, times: int, error: Exception | None = None) -> None:
        """Let the next calls of an activity have their effect, but fail with lost answers."""
        fault = Fault(error or ProviderUnavailable("the connection broke"), answer_lost=True)
        self._faults[name] += [fault] * times

    @asynccontextmanager
    async def holding(self, name: str) -> AsyncIterator[Hold]:
        """Hold calls of an activity until the end of the block."""
        hold = self._holds[name] = Hold()
        try:
            yield hold
        finally:
            del self._holds[name]
            hold.go_on.set()

    def names(self) -> list[str]:
        """Return the activities in the order of their first attempts.

        A retry has the same request, so it does not count again.
        """
        asked = {(call.activity, str(call.request)): call.activity for call in self.calls}
        return list(asked.values())

    def calls_of(self, name: str) -> list[Call]:
        """Return all attempts of an activity."""
        return [call for call in self.calls if call.activity == name]

    def waits_of(self, name: str) -> list[int]:
        """Return the whole seconds from each attempt of an activity to the next."""
        calls = self.calls_of(name)
        return [int((b.at - a.at).total_seconds()) for a, b in pairwise(calls)]

    def keys_used(self) -> list[str]:
        """Return the idempotency keys in the order in which they were first used."""
        keys = [str(getattr(call.request, "idempotency_key", "")) for call in self.calls]
        return [key for key in dict.fromkeys(keys) if key]

    def undone(self) -> list[str]:
        """Return the keys of an order's undo steps, in the order of their use."""
        own = ("charge", "reserve", "ship", "confirm")
        return [key for key in self.keys_used() if key.split(":")[1] not in own]

    # --- payments, inventory, shipping, mail -------------------------------------------------

    async def charge(self, request: ChargeRequest) -> Charge:
        charge = Charge(
            transaction_id=f"ch-{_name(request.order_id, request.idempotency_key)}",
            amount_cents=request.amount_cents,
            currency=request.currency,
            is_confirmed=not self.opens_payments or request.payment_id is not None,
        )

        def effect() -> Charge:
            if request.idempotency_key in self.refunds:
                raise PaymentUndone("this payment was refunded or cancelled")
            if not charge.is_confirmed:
                return charge
            return self.charges.setdefault(request.idempotency_key, charge)

        return await self._do(request, effect)

    async def find_charge(self, lookup: EffectLookup) -> Charge | None:
        is_undone = lookup.idempotency_key in self.refunds
        is_found = self.finds_charges and not is_undone
        found = self.charges.get(lookup.idempotency_key) if is_found else None
        return await self._do(lookup.idempotency_key, lambda: found)

    async def payments_of(self, lookup: EffectLookup) -> tuple[Payment, ...]:
        charge = self.charges.get(lookup.idempotency_key)
        refund = self.refunds.get(lookup.idempotency_key)
        if charge is None:
            return ()
        paid = Payment(**charge.model_dump(exclude={"is_confirmed"}))
        if refund is None:
            return (paid,)
        back = {"refunded_cents": paid.amount_cents, "refund_id": refund.refund_id}
        return (paid.model_copy(update=back),)

    async def refund(self, request: RefundRequest) -> Refund:
        charge = self.charges.get(request.charge_idempotency_key)
        refund = Refund(
            refund_id=f"re-{_name(request.order_id, request.idempotency_key)}" if charge else None,
            transaction_id=charge.transaction_id if charge else None,
        )
        return await self._do(
            request, lambda: self.refunds.setdefault(request.charge_idempotency_key, refund)
        )

    async def reserve(self, request: ReservationRequest) -> Reservation:
        reservation = Reservation(
            reservation_id=f"rs-{_name(request.order_id, request.idempotency_key)}"
        )
        return await self._do(
            request, lambda: self.reservations.setdefault(request.idempotency_key, reservation)
        )

    async def release(self, request: ReleaseRequest) -> Release:
        held = self.reservations.get(request.reservation_idempotency_key)
        release = Release(reservation_id=held.reservation_id if held else None)

        def effect() -> Release:
            self.released.add(request.reservation_idempotency_key)
            return release

        return await self._do(request, effect)

    async def find_held(self, idempotency_key: str) -> Reservation | None:
        if idempotency_key in self.released:
            return None
        return self.reservations.get(idempotency_key)

    async def schedule(self, request: ShipmentRequest) -> Shipment:
        shipment = Shipment(shipment_id=f"sh-{_name(request.order_id, request.idempotency_key)}")
        return await self._do(
            request, lambda: self.shipments.setdefault(request.idempotency_key, shipment)
        )

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        return await self._do(idempotency_key, lambda: self.shipments.get(idempotency_key))

    async def send(self, mail: Mail) -> MailReceipt:
        def effect() -> MailReceipt:
            self.mails[mail.idempotency_key] = mail
            return MailReceipt(message_id=f"<{mail.idempotency_key}>")

        return await self._do(mail, effect)

    # --- archive -------------------------------------------------------------------------------

    async def audit(self, request: AuditRequest) -> AuditReport:
        return await self._do(request, lambda: self.report)

    async def archive(self, order: OrderToArchive) -> ArchiveReceipt:
        def effect() -> ArchiveReceipt:
            self.orders[order.order_id] = ArchivedOrder.model_validate(
                {
                    **dict(order),
                    "content": archived_content(order),
                    "token_digests": {token_digest(order)},
                }
            )
            return ArchiveReceipt(written=True)

        return await self._do(order, effect)

    async def archived(self, order_ids: Collection[str]) -> dict[str, ArchivedOrder]:
        faults = self._faults["archived"]
        if faults and (fault := faults.pop(0)):
            raise fault.error
        return {name: self.orders[name] for name in order_ids if name in self.orders}

    async def list_archived(
        self, status: OrderStatus | None = None, limit: int | None = None
    ) -> "list[ArchivedOrder]":
        rows = [row for row in self.orders.values() if status in (None, row.result.status)]
        return sorted(rows, key=lambda row: row.ended_at, reverse=True)[:limit]

    # --- object store, OCR, parser, expenses --------------------------------------------------

    def put_receipt(self, data: bytes) -> str:
        return f"receipts/{data.hex()}.png"

    def get(self, object_key: str) -> bytes:
        return object_key.encode()

    def read(self, image: bytes) -> ReceiptText:
        self._note_call(image, activity.info().started_time)
        return self._outcome(lambda: self.text)

    def read_page(self, document: bytes, _page: int) -> ReceiptText:
        return self.read(document)

    async def confirmed_merchants(self, user_id: str) -> Sequence[str]:
        faults = self._faults["confirmed_merchants"]
        if faults and (fault := faults.pop(0)):
            raise fault.error
        return self.merchants.get(user_id, ())

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        self.known_merchants = tuple(known_merchants)
        return await self._do(text, lambda: self.fields)

    async def save(self, expense: ExpenseToSave) -> SavedExpense:
        def effect() -> SavedExpense:
            first = self.duplicates.get(expense.receipt_id)
            if first and not expense.is_distinct:
                return SavedExpense(expense_id=f"ex-{first}", duplicate_of=first)
            self.expenses[expense.receipt_id] = expense
            return SavedExpense(expense_id=f"ex-{expense.receipt_id}")

        return await self._do(expense, effect)

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        created_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        return [
            StoredExpense(
                expense_id=f"ex-{receipt_id}",
                created_at=created_at,
                **expense.model_dump(exclude={"is_distinct"}),
            )
            for receipt_id, expense in self.expenses.items()
            if user_id in (None, expense.user_id)
        ]

    # --- implementation ----------------------------------------------------------------------

    async def _do(self, request: BaseModel | str, effect: Callable[[], Answer]) -> Answer:
        # A local activity's own start time is by the worker's clock, which does not skip time.
        info = activity.info()
        self._note_call(request, await self._clock() if info.is_local else info.started_time)
        if hold := self._holds.get(activity.info().activity_type):
            hold.entered.set()
            await asyncio.wait_for(hold.go_on.wait(), PATIENCE)
        return self._outcome(effect)

    def _note_call(self, request: object, at: dt.datetime) -> None:
        info = activity.info()
        limit = info.start_to_close_timeout
        call = Call(info.activity_type, info.is_local, info.attempt, at, limit, request)
        calls = self.archivings if call.activity == "archive_order" else self.calls
        local = _local_call()
        if local in self._faults_of_local_calls:
            if calls is self.calls:
                self.made_again.append(call)
            return
        calls.append(call)
        if local:
            self._faults_of_local_calls[local] = self._next_fault()

    def _outcome(self, effect: Callable[[], Answer]) -> Answer:
        local = _local_call()
        fault = self._faults_of_local_calls[local] if local else self._next_fault()
        if fault is None:
            return effect()
        if fault.answer_lost:
            effect()
        raise fault.error

    def _next_fault(self) -> Fault | None:
        faults = self._faults[activity.info().activity_type]
        return faults.pop(0) if faults else None


def _name(order_id: str, idempotency_key: str) -> str:
    """Return ``o1``, or ``o1-2`` for what the second try of an order makes."""
    number = idempotency_key.split(":")[2:]
    return "-".join([order_id, *(part.removeprefix("try-") for part in number)])


def _local_call() -> LocalCall | None:
    info = activity.info()
    return (str(info.workflow_run_id), info.activity_id) if info.is_local else None
