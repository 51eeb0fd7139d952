"""Where an order stands that has ended, from its history: no worker is asked."""

from temporalio.converter import DataConverter

from models import (
    Approval,
    Charge,
    DecisionChannel,
    FoundCharge,
    FoundShipment,
    OrderIds,
    OrderResult,
    OrderState,
    OrderStatus,
    OrderStep,
    OrderTry,
    Refund,
    Reservation,
    SettledTry,
    Shipment,
)
from service.errors import Failed
from service.runs.executions import (
    CANCELED,
    COMPLETED,
    TERMINATED,
    TIMED_OUT,
    Execution,
)
from service.runs.history import Message, RunHistory, decoded
from workflows import wording
from workflows.order.archiving import NOT_ARCHIVED

_STEPS = {
    "charge_payment": OrderStep.CHARGE,
    "find_charge": OrderStep.CHARGE,
    "reserve_inventory": OrderStep.RESERVE,
    "schedule_shipment": OrderStep.SHIP,
    "send_confirmation": OrderStep.CONFIRM,
}
_APPROVAL = "approval"
"""Name of the update and of the signal that decide on an order."""

STATUSES = {
    CANCELED: OrderStatus.CANCELLED,
    TERMINATED: OrderStatus.TERMINATED,
    TIMED_OUT: OrderStatus.TIMED_OUT,
}
"""Status of an order by the server's word on how its run was closed; every other has failed."""


async def ended_order(converter: DataConverter, run: Execution, history: RunHistory) -> OrderState:
    """Return the last state of an order; raise Failed if its history holds no order."""
    order = await decoded(converter, history.input, OrderTry)
    if order is None:
        raise Failed(f"{run.workflow_id} is over ({run.status}): {history.reason or 'no order'}")
    result = await decoded(converter, history.result, OrderResult)
    ids = await _ids(converter, history)
    if result is not None:
        ids = OrderIds.model_validate(result.model_dump(include=set(OrderIds.model_fields)))
    closed_at = run.closed_at or run.started_at
    told = {"send_confirmation", "send_cancellation"} & set(history.results)
    return OrderState(
        order_id=order.order_id,
        try_number=order.try_number,
        submitted_by=order.submitted_by,
        status=result.status if result else STATUSES.get(run.status, OrderStatus.FAILED),
        step=_last_step(history),
        paused=False,
        waiting_for=None,
        waiting_until=None,
        total_cents=order.total_cents,
        currency=order.currency,
        approval=result.approval
        if result
        else order.approved_before or await _approval(converter, history),
        reason=result.reason if result else history.reason,
        cancel_refused=_cancel_refused(history, ids),
        customer_told=result.customer_told if result else bool(told),
        started_at=run.started_at,
        elapsed_seconds=(closed_at - run.started_at).total_seconds(),
        **ids.model_dump(),
    )


def may_owe(state: OrderState, run: Execution, history: RunHistory) -> bool:
    """Tell whether an order may have left something undone: it neither shipped nor settled it."""
    is_settled_by_itself = run.status in (COMPLETED, CANCELED) or history.failure in NOT_ARCHIVED
    return not is_settled_by_itself and state.shipment_id is None


def owed_by(state: OrderState, run: Execution, history: RunHistory) -> list[str]:
    """Say what an order that was ended from outside left undone: money, stock, a mail."""
    if not may_owe(state, run, history):
        return []
    owed = []
    is_settled = "refund_payment" in history.results
    if state.transaction_id and not is_settled:
        amount = wording.money(state.total_cents, state.currency)
        owed.append(f"{amount} were charged as {state.transaction_id} and not refunded")
    elif "charge_payment" in history.unknown and not is_settled:
        owed.append("a charge was begun, and its outcome is not recorded")
    if state.reservation_id and "release_inventory" not in history.results:
        owed.append(f"the reservation {state.reservation_id} was not released")
    return owed


def _cancel_refused(history: RunHistory, ids: OrderIds) -> str | None:
    """Return why a cancel came too late: what is shipped is not cancelled."""
    is_refused = history.is_cancel_asked and ids.shipment_id is not None
    return wording.cancel_refused(ids.shipment_id) if is_refused else None


async def _ids(converter: DataConverter, history: RunHistory) -> OrderIds:
    charge = await _answer(converter, history, "charge_payment", Charge)
    looked_up = await _answer(converter, history, "find_charge", FoundCharge)
    refund = await _answer(converter, history, "refund_payment", Refund)
    reservation = await _answer(converter, history, "reserve_inventory", Reservation)
    shipment = await _answer(converter, history, "schedule_shipment", Shipment)
    found = await _answer(converter, history, "find_shipment", FoundShipment)
    settled = await _answer(converter, history, "settle_try", SettledTry)
    charge = charge or (looked_up.charge if looked_up else None)
    shipment = shipment or (found.shipment if found else None)
    charged = charge.transaction_id if charge else None
    return OrderIds(
        transaction_id=refund.transaction_id if refund else charged,
        reservation_id=reservation.reservation_id if reservation else None,
        shipment_id=next((one.shipment_id for one in (shipment, settled) if one), None),
        refund_id=refund.refund_id if refund else None,
    )


async def _answer(
    converter: DataConverter, history: RunHistory, activity: str, kind: type[Message]
) -> Message | None:
    result = history.results.get(activity)
    return await decoded(converter, [result], kind) if result else None


async def _approval(converter: DataConverter, history: RunHistory) -> Approval | None:
    """Return the first decision, which is the one that counted."""
    for said in history.said:
        if said.name == _APPROVAL and (
            approval := await decoded(converter, [said.payload], Approval)
        ):
            came_by = DecisionChannel.UPDATE if said.is_update else DecisionChannel.SIGNAL
            return approval.come_by(came_by)
    return None


def _last_step(history: RunHistory) -> OrderStep:
    """Return the last step that was begun; undoing and telling are no steps."""
    begun = [_STEPS[activity] for activity in history.activities if activity in _STEPS]
    if not begun:
        is_decided = any(said.name == _APPROVAL for said in history.said)
        return OrderStep.APPROVAL if is_decided else OrderStep.VALIDATE
    return begun[-1]
