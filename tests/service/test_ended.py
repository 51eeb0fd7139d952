"""The state of a closed run, which is read from its history without a worker."""

import dataclasses
import datetime as dt

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import (
    HistoryEvent,
    WorkflowExecutionUpdateAdmittedEventAttributes,
)
from temporalio.client import WorkflowHistory
from temporalio.common import TypedSearchAttributes

from config import ROOT
from models import (
    Approval,
    DecisionChannel,
    OrderIds,
    OrderResult,
    OrderStatus,
    ReceiptResult,
    ReceiptStatus,
)
from service.errors import Failed
from service.orders.ended import ended_order, owed_by
from service.orders.missing import missing_in, order_to_archive
from service.receipts.ended import ended_receipt
from service.runs.ends import is_refusal
from service.runs.executions import CANCELED, COMPLETED, FAILED, TERMINATED, Execution
from service.runs.history import RunHistory, Said, decoded, recorded
from tests.service.orders.test_content import archived
from tests.support.pipelines import DATA_CONVERTER

HISTORIES = ROOT / "tests" / "histories"
ORDERS = sorted(path.stem for path in HISTORIES.glob("order_*.json"))
RECEIPTS = sorted(path.stem for path in HISTORIES.glob("receipt_*.json"))
BEGAN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def history_of(name: str, events: int | None = None) -> RunHistory:
    path = HISTORIES / f"{name}.json"
    history = WorkflowHistory.from_json(name, path.read_text(encoding="utf-8"))
    return recorded(history.events[:events])


def closed(status: str) -> Execution:
    ended = BEGAN + dt.timedelta(minutes=1)
    return Execution("order-o1", "r", "W", status, BEGAN, ended, TypedSearchAttributes.empty)


@pytest.mark.parametrize("name", ORDERS)
async def test_an_orders_history_knows_what_its_result_knows(name: str) -> None:
    history = history_of(name)
    result = await decoded(DATA_CONVERTER, history.result, OrderResult)
    history.result = ()

    state = await ended_order(DATA_CONVERTER, closed(CANCELED), history)

    if result is not None:
        ids = set(OrderIds.model_fields)
        assert state.model_dump(include=ids) == result.model_dump(include=ids)
        if result.approval and result.approval.channel is DecisionChannel.UNKNOWN:
            assert state.approval  # it says more than the result, which is of an older version
            known = {"channel": state.approval.channel}
            assert state.approval.channel is not DecisionChannel.UNKNOWN
            assert state.approval == result.approval.model_copy(update=known)
        else:
            assert state.approval == result.approval
        assert state.customer_told == result.customer_told


async def test_a_decision_by_update_outlives_a_reset() -> None:
    """A reset repeats it as an admitted request, to which the accepted one only refers."""
    path = HISTORIES / "order_approved.json"
    events = list(WorkflowHistory.from_json("o", path.read_text(encoding="utf-8")).events)
    here, accepted = next(
        (n, event)
        for n, event in enumerate(events)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    )
    attributes = accepted.workflow_execution_update_accepted_event_attributes
    admitted = HistoryEvent(
        event_id=attributes.accepted_request_sequencing_event_id,
        event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED,
        workflow_execution_update_admitted_event_attributes=(
            WorkflowExecutionUpdateAdmittedEventAttributes(request=attributes.accepted_request)
        ),
    )
    attributes.ClearField("accepted_request")
    history = recorded([*events[:here], admitted, accepted])

    state = await ended_order(DATA_CONVERTER, closed(TERMINATED), history)

    assert state.approval is not None
    assert state.approval.channel is DecisionChannel.UPDATE


@pytest.mark.parametrize("name", RECEIPTS)
async def test_a_receipts_history_knows_what_its_result_knows(name: str) -> None:
    history = history_of(name)
    result = await decoded(DATA_CONVERTER, history.result, ReceiptResult)

    status = COMPLETED if result else FAILED
    state = await ended_receipt(DATA_CONVERTER, closed(status), history)

    assert state.status == (ReceiptStatus.COMPLETED if result else ReceiptStatus.FAILED)
    assert bool(state.reason) == (result is None)
    if result is not None:
        assert state.fields is not None
        known = (state.expense_id, state.fields.total_cents, state.fields.merchant)
        assert known == (result.expense_id, result.total_cents, result.merchant)


async def test_an_order_that_was_terminated_after_its_charge_owes_money_and_stock() -> None:
    path = HISTORIES / "order_completed.json"
    events = WorkflowHistory.from_json("o", path.read_text(encoding="utf-8")).events
    timer = next(n for n, e in enumerate(events) if e.HasField("timer_started_event_attributes"))
    history = recorded(events[: timer + 1])

    state = await ended_order(DATA_CONVERTER, closed(TERMINATED), history)

    assert state.status is OrderStatus.TERMINATED
    charged, held = owed_by(state, closed(TERMINATED), history)
    assert charged == f"20.00 USD were charged as {state.transaction_id} and not refunded"
    assert held == f"the reservation {state.reservation_id} was not released"


async def test_a_charge_without_a_recorded_outcome_is_said_to_be_unknown() -> None:
    path = HISTORIES / "order_completed.json"
    events = WorkflowHistory.from_json("o", path.read_text(encoding="utf-8")).events
    asked = next(
        n for n, e in enumerate(events) if e.HasField("activity_task_scheduled_event_attributes")
    )
    history = recorded(events[: asked + 1])

    state = await ended_order(DATA_CONVERTER, closed(TERMINATED), history)

    assert owed_by(state, closed(TERMINATED), history) == [
        "a charge was begun, and its outcome is not recorded"
    ]


@pytest.mark.parametrize("name", ["order_completed", "order_cancelled", "order_declined"])
async def test_an_order_that_ended_by_itself_owes_nothing(name: str) -> None:
    history = history_of(name)
    run = closed(COMPLETED if history.result else CANCELED)

    assert owed_by(await ended_order(DATA_CONVERTER, run, history), run, history) == []


async def test_a_history_without_an_order_is_one_clear_sentence() -> None:
    with pytest.raises(Failed, match=r"^order-o1 is over \(failed\): no order"):
        await ended_order(DATA_CONVERTER, closed(FAILED), RunHistory())


async def test_what_only_somebody_elses_converter_can_read_is_no_decision() -> None:
    foreign = Payload(metadata={"encoding": b"binary/other"}, data=b"\x00\xff")
    assert await decoded(DATA_CONVERTER, [foreign], Approval) is None
    history = history_of(ORDERS[0])
    history.result, history.said = (), [Said("approval", foreign)]
    assert (await ended_order(DATA_CONVERTER, closed(CANCELED), history)).approval is None


@pytest.mark.parametrize("name", ORDERS)
async def test_an_orders_row_can_be_written_from_its_history(name: str) -> None:
    history = history_of(name)
    result = await decoded(DATA_CONVERTER, history.result, OrderResult)

    row = await order_to_archive(DATA_CONVERTER, closed(COMPLETED if result else FAILED), history)

    if is_refusal(history):
        assert row is None  # the end of a run that did nothing is not the order's
        return
    assert row is not None
    assert row.result.order_id == row.order_id == "o1"
    assert result in (None, row.result)
    assert row.first_run_id != "r"


async def test_no_row_is_written_of_an_order_under_another_id() -> None:
    run = dataclasses.replace(closed(FAILED), workflow_id="order-other")
    assert await order_to_archive(DATA_CONVERTER, run, history_of("order_completed")) is None


def test_a_run_has_a_row_if_that_is_its_own_or_of_a_later_end_or_of_a_shipment() -> None:
    run = closed(COMPLETED)
    declined = {"order_id": "o1", "status": "payment_failed", "total_cents": 1, "currency": "USD"}
    later, before = BEGAN + dt.timedelta(days=1), BEGAN

    def is_missing(**row: object) -> bool:
        return bool(missing_in({"o1": archived(**row)}, [run]))

    assert missing_in({}, [run]) == [run]
    assert not is_missing(run_id="r", ended_at=before)
    assert not is_missing(run_id="r2", ended_at=later)
    assert is_missing(run_id="r0", ended_at=before, result=declined)
    assert not is_missing(run_id="r0", ended_at=before)


async def test_a_cancel_that_came_too_late_is_said_in_the_orders_own_words() -> None:
    history = history_of("order_cancel_refused")
    run = closed(COMPLETED)

    state = await ended_order(DATA_CONVERTER, run, history)
    row = await order_to_archive(DATA_CONVERTER, run, history)

    assert state.cancel_refused == "already shipped as sh-o1"
    assert row is not None
    assert row.cancel_refused == state.cancel_refused


@pytest.mark.parametrize("name", ["order_completed", "order_cancelled"])
async def test_no_cancel_is_refused_without_one_or_of_an_order_that_was_cancelled(
    name: str,
) -> None:
    state = await ended_order(DATA_CONVERTER, closed(COMPLETED), history_of(name))
    assert state.cancel_refused is None


async def test_what_a_terminated_order_owes_is_archived() -> None:
    path = HISTORIES / "order_completed.json"
    events = WorkflowHistory.from_json("o", path.read_text(encoding="utf-8")).events
    timer = next(n for n, e in enumerate(events) if e.HasField("timer_started_event_attributes"))

    row = await order_to_archive(DATA_CONVERTER, closed(TERMINATED), recorded(events[: timer + 1]))

    assert row is not None
    charged, held = row.owed
    assert charged.startswith("20.00 USD were charged as ")
    assert held.endswith(" was not released")
