"""What trying an order again would do, and when the same order is still the same one."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.common import TypedSearchAttributes

from config import Settings
from models import Approval, OrderState, OrderStatus, OrderStep, Payment
from service.errors import BadInput, Refused
from service.orders import retry
from service.orders.content import differing
from service.orders.document import parse_order
from service.orders.effects import Plan, planned_effects
from service.orders.retry import next_try, payment_token, plan_order, seconds_of_last_calls
from service.runs.executions import CANCELED, COMPLETED, FAILED, TERMINATED, TIMED_OUT, Execution
from service.runs.history import RunHistory
from tests.support.pipelines import DATA_CONVERTER, large_order, later_try, small_order

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
ADA = Approval(approved=True, decided_by="ada")
NO = Approval(approved=False, decided_by="eve")


def ended(status: OrderStatus = OrderStatus.PAYMENT_FAILED, **changes: Any) -> OrderState:
    """Return the state of a first try that is over."""
    return OrderState.model_validate(
        {
            "order_id": "o1",
            "status": status,
            "step": OrderStep.CHARGE,
            "paused": False,
            "waiting_for": None,
            "waiting_until": None,
            "total_cents": 2_000,
            "currency": "USD",
            "approval": None,
            "reason": "the card was declined",
            "cancel_refused": None,
            "customer_told": True,
            "started_at": NOW,
            "elapsed_seconds": 1.0,
            **changes,
        }
    )


def plans(
    earlier: OrderState, payments: tuple[Payment, ...] = (), **changes: Any
) -> list[tuple[str, Plan]]:
    effects = planned_effects(earlier, later_try(small_order(**changes)), payments, False)
    return [(one.effect, one.plan) for one in effects]


def test_a_declined_charge_is_repeated_under_a_key_of_its_own() -> None:
    charge, *others = planned_effects(ended(), later_try(small_order()), (), True)

    assert (charge.effect, charge.plan, charge.key) == ("charge", "repeated", "order-o1:charge:2")
    assert charge.words == "nothing was charged (the card was declined); 20.00 USD to another card"
    assert [one.key for one in others] == [
        "order-o1:reserve:2",
        "order-o1:ship:2",
        "order-o1:confirm:2 or order-o1:cancellation:2 or order-o1:refunded:2",
    ]


def test_what_was_undone_stays_undone() -> None:
    back = Payment(
        transaction_id="ch-o1",
        amount_cents=2_000,
        currency="USD",
        refunded_cents=2_000,
        refund_id="re-o1",
    )
    earlier = ended(OrderStatus.CANCELLED, reservation_id="rs-o1", transaction_id="ch-o1")

    assert plans(earlier, (back,)) == [
        ("charge", Plan.STAYS_UNDONE),
        ("charge", Plan.REPEATED),
        ("reservation", Plan.STAYS_UNDONE),
        ("reservation", Plan.REPEATED),
        ("shipment", Plan.REPEATED),
        ("mail", Plan.REPEATED),
    ]


@pytest.mark.parametrize(
    ("status", "approval", "plan", "words"),
    [
        (OrderStatus.PAYMENT_FAILED, ADA, Plan.REUSED, "approved by ada"),
        (OrderStatus.REJECTED, NO, Plan.REPEATED, "asked anew: rejected by eve"),
        (OrderStatus.APPROVAL_EXPIRED, None, Plan.REPEATED, "asked anew: nobody decided in time"),
        (OrderStatus.TERMINATED, None, Plan.REPEATED, "asked: nobody has decided yet"),
    ],
)
def test_only_an_approval_is_reused(
    status: OrderStatus, approval: Approval | None, plan: Plan, words: str
) -> None:
    earlier = ended(status, approval=approval)
    following = next_try(later_try(large_order(), number=1), earlier, None)

    asked, *_ = planned_effects(earlier, following, (), False)

    assert (asked.effect, asked.plan, asked.words) == ("approval", plan, words)
    assert following.approved_before == (ADA if approval is ADA else None)


def test_resubmitting_the_first_order_is_still_the_same_order_two_cards_later() -> None:
    first = later_try(small_order(), number=1)
    second = next_try(first, ended(), SecretStr("tok_second_1111"))
    third = next_try(second, ended(), SecretStr("tok_third_2222"))

    assert third.try_number == 3
    assert third.payment_token.get_secret_value() == "tok_third_2222"
    assert differing(small_order(), third) == []
    assert differing(small_order(payment_token="tok_third_2222"), third) == []
    assert differing(small_order(payment_token="tok_never_3333"), third) == ["payment_token"]
    assert differing(small_order(customer_id="c2"), third) == ["customer_id"]
    assert "tok_visa" not in third.model_dump_json()


def test_the_same_card_needs_no_digest() -> None:
    first = later_try(small_order(), number=1)
    assert next_try(first, ended(), None).first_token_digest is None
    assert next_try(first, ended(), first.payment_token).first_token_digest is None


def test_an_order_stays_that_of_who_submitted_it_first() -> None:
    first = later_try(small_order(), number=1, submitted_by="shop")
    assert next_try(first, ended(), None).submitted_by == "shop"
    assert next_try(later_try(small_order()), ended(), None).submitted_by is None


@pytest.mark.parametrize(
    "field", ["try_number", "approved_before", "first_token_digest", "submitted_by"]
)
def test_no_document_can_ask_for_a_later_try(field: str) -> None:
    document = later_try(small_order(), approved_before=ADA, submitted_by="shop").model_dump_json(
        include={*type(small_order()).model_fields, field}
    )
    with pytest.raises(BadInput, match=f'^not an order: "{field}" is no field of an order$'):
        parse_order(document.encode())


def test_a_first_try_is_started_with_nothing_but_the_order() -> None:
    assert "try" not in small_order().model_dump_json()


@pytest.mark.parametrize("text", ["", " ", "tok_a b\n", "x" * 256, "encrypted:tok_x", "tok\x00"])
def test_a_bad_payment_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        payment_token(text)
    assert not text.strip() or text not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "seconds"),
    [(COMPLETED, 0), (CANCELED, 0), (FAILED, 0), (TERMINATED, 20), (TIMED_OUT, 20)],
)
def test_the_last_calls_of_a_run_that_was_ended_from_outside_are_waited_for(
    status: str, seconds: float
) -> None:
    closed_at = NOW - dt.timedelta(seconds=10)
    run = Execution("order-o1", "r", "W", status, NOW, closed_at, TypedSearchAttributes.empty)
    assert seconds_of_last_calls(run, NOW) == seconds
    assert seconds_of_last_calls(run, NOW + dt.timedelta(seconds=20)) == 0


async def test_the_run_of_an_earlier_try_that_was_reset_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = SimpleNamespace(
        run_id="r-2", result=SimpleNamespace(try_number=2, status=OrderStatus.COMPLETED)
    )
    closed = Execution("order-o1", "r", "W", COMPLETED, NOW, NOW, TypedSearchAttributes.empty)

    async def answers(answer: object) -> object:
        return answer

    for name, answer in (
        ("read_history", RunHistory()),
        ("_input", later_try(small_order(), number=1)),
        ("ended_order", ended()),
        ("find_archived", row),
    ):
        monkeypatch.setattr(retry, name, lambda *_, answer=answer: answers(answer))
    run: Any = SimpleNamespace(execution=closed, workflow_id="order-o1", run_id="r")
    client: Any = SimpleNamespace(namespace="default", data_converter=DATA_CONVERTER)

    with pytest.raises(Refused, match=r"a later one ended as completed \(run r-2\)$"):
        await plan_order(client, Settings(), run, None)


async def test_a_mail_that_outlived_its_order_in_temporal_is_dropped_by_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    async def mail_of(_client: object, workflow_id: str) -> object:
        asked.append(workflow_id)
        is_there = workflow_id == "mail-order-o1-cancellation"
        one = SimpleNamespace(workflow_id=workflow_id, is_open=True, is_sent=False)
        return one if is_there else None

    async def settled(*_: object) -> tuple[Payment, ...]:
        return ()

    monkeypatch.setattr(retry, "mail_standing", mail_of)
    monkeypatch.setattr(retry, "_require_settled", settled)
    monkeypatch.setattr(retry, "archived_state", lambda _: ended(customer_told=False))
    content = small_order().model_dump(mode="json", exclude={"payment_token"})
    row: Any = SimpleNamespace(
        workflow_id="order-o1",
        run_id="r",
        customer_id=content["customer_id"],
        content=content,
        result=SimpleNamespace(try_number=1),
        token_digests=frozenset(),
    )

    client: Any = SimpleNamespace()

    planned = await retry.plan_archived(client, Settings(), row, SecretStr("tok_visa"))

    assert planned.order.unsent_mails == ("mail-order-o1-cancellation",)
    assert "is told no more" in planned.effects[-1].words
    assert len(asked) == 3
