"""What buttons say they will do with an order."""

import datetime as dt

from models import Action, OrderItem, OrderState, OrderStatus, OrderStep
from service.orders.actions import possible_actions

ITEMS = (OrderItem(sku="mug", quantity=2, unit_price_cents=32_000),)
WAITING = OrderState(
    order_id="7",
    status=OrderStatus.AWAITING_APPROVAL,
    step=OrderStep.APPROVAL,
    paused=False,
    waiting_for="approval",
    waiting_until=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC),
    total_cents=64_000,
    currency="USD",
    approval=None,
    reason=None,
    cancel_refused=None,
    customer_told=False,
    started_at=dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC),
    elapsed_seconds=1,
)


def words(is_open: bool = True, **changes: object) -> dict[Action, str]:
    state = WAITING.model_copy(update=changes)
    return {one.action: one.words for one in possible_actions(state, ITEMS, is_open)}


def test_an_order_that_waits_for_an_approval() -> None:
    said = words()

    assert said[Action.APPROVE] == "Approve: charges 640.00 USD, reserves 2 items"
    assert "nothing was charged" in said[Action.CANCEL]
    assert set(said) == {Action.APPROVE, Action.REJECT, Action.PAUSE, Action.CANCEL}


def test_an_order_that_is_charged() -> None:
    said = words(
        status=OrderStatus.WAITING_FOR_BUSINESS_DAY, transaction_id="tx", reservation_id="rs"
    )

    assert said[Action.CANCEL] == "Cancel: refunds 640.00 USD, releases 2 items"
    assert said[Action.EXPEDITE] == "Ship now: does not wait until Mon 2026-01-05 09:00 UTC"


def test_an_order_that_is_paused_undone_or_shipped() -> None:
    paused = words(paused=True)
    assert Action.RESUME in paused
    assert paused[Action.APPROVE].startswith("Approve: once it is resumed, charges 640.00 USD")
    assert Action.PAUSE not in words(paused=True)
    assert words(status=OrderStatus.COMPENSATING) == {}
    assert Action.CANCEL not in words(status=OrderStatus.RUNNING, shipment_id="sh")


def test_an_order_that_is_over() -> None:
    assert set(words(is_open=False, status=OrderStatus.CANCELLED)) == {Action.RETRY}
    assert words(is_open=False, status=OrderStatus.COMPLETED, shipment_id="sh") == {}
