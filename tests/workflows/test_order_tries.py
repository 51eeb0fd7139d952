"""A later try of an order: keys of its own, and nothing left of the earlier ones."""

from typing import Any

from temporalio.exceptions import ApplicationError

from models import Approval, DecisionChannel, OrderStatus
from providers.errors import OutOfStock, PaymentDeclined, ProviderUnavailable
from tests.support.fakes import World
from tests.support.pipelines import (
    QUEUE,
    Pipelines,
    large_order,
    later_try,
    small_order,
)
from tests.support.watching import (
    cancelled_order,
    failure_of,
    order_state,
    result_of,
    until,
    until_order,
)
from workflows.order.workflow import OrderWorkflow

ADA = Approval(approved=True, decided_by="ada", channel=DecisionChannel.TERMINAL)


async def test_a_declined_card_is_tried_again_with_another_under_keys_of_its_own(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    assert (await result_of(await pipelines.order())).status == OrderStatus.PAYMENT_FAILED
    before = len(world.keys_used())

    again = later_try(small_order(), payment_token="tok_other_4343")
    run = await pipelines.order(again, start_signal="expedite")
    result = await result_of(run)

    assert (result.status, result.try_number) == (OrderStatus.COMPLETED, 2)
    assert (result.transaction_id, result.shipment_id) == ("ch-o1-2", "sh-o1-2")
    assert list(world.charges) == ["order-o1:charge:2"]
    assert world.charges.keys().isdisjoint(world.refunds)
    used = [key for key in world.keys_used()[before:] if not key.startswith("order-o1:re")]
    assert used == ["order-o1:charge:2", "order-o1:ship:2", "order-o1:confirm:2"]
    assert list(world.reservations) == ["order-o1:reserve:2"]


async def test_the_key_of_a_declined_charge_is_closed_before_the_next_is_made(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    await result_of(await pipelines.order())

    await result_of(await pipelines.order(later_try(small_order()), start_signal="expedite"))

    assert world.refunds["order-o1:charge"].refund_id is None
    assert world.names()[2:6] == ["settle_try"] * 3 + ["charge_payment"]


async def test_what_was_refunded_stays_refunded_and_is_charged_anew(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    assert (await result_of(await pipelines.order())).refund_id == "re-o1"

    again = later_try(small_order())
    result = await result_of(await pipelines.order(again, start_signal="expedite"))

    assert result.status == OrderStatus.COMPLETED
    assert (result.transaction_id, result.refund_id) == ("ch-o1-2", None)
    assert list(world.refunds) == ["order-o1:charge"]


async def test_lost_answers_of_a_second_try_are_looked_up_under_its_own_keys(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    await result_of(await pipelines.order())
    world.lose_answers("charge_payment", 5)
    world.lose_answers("schedule_shipment", 5)

    again = later_try(small_order())
    result = await result_of(await pipelines.order(again, start_signal="expedite"))

    assert (result.status, result.shipment_id) == (OrderStatus.COMPLETED, "sh-o1-2")
    assert list(world.charges) == ["order-o1:charge", "order-o1:charge:2"]
    assert list(world.refunds) == ["order-o1:charge"]


async def test_an_approval_of_an_earlier_try_counts_again(
    pipelines: Pipelines, world: World
) -> None:
    again = later_try(large_order(), approved_before=ADA)
    run = await pipelines.order(again, start_signal="expedite")

    result = await result_of(run)

    assert (result.status, result.approval) == (OrderStatus.COMPLETED, ADA)
    assert [call.activity for call in world.calls][3] == "charge_payment"


async def test_a_second_approval_is_refused_where_one_counts_again(pipelines: Pipelines) -> None:
    run = await pipelines.order(later_try(large_order(), approved_before=ADA))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)

    await run.signal("approval", {"approved": False})

    state = await order_state(run)
    assert (state.approval, state.try_number) == (ADA, 2)


async def test_without_an_approval_it_is_asked_for_anew(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(later_try(large_order()))
    state = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    assert (state.try_number, state.approval) == (2, None)
    assert "charge_payment" not in world.names()
    await run.execute_update(OrderWorkflow.decide, ADA)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_a_cancelled_second_try_undoes_what_is_its_own(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(later_try(small_order()))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)

    await run.cancel()
    state = await cancelled_order(run)

    assert (state.transaction_id, state.refund_id) == ("ch-o1-2", "re-o1-2")
    undone = ["order-o1:release:2", "order-o1:refund:try-2", "order-o1:refunded:2"]
    assert world.undone()[-3:] == undone
    assert world.refunds["order-o1:charge:2"].refund_id == "re-o1-2"
    assert "refunded as re-o1-2" in world.mails["order-o1:refunded:2"].body


async def test_the_customer_of_a_declined_second_try_was_not_charged_this_time(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    await result_of(await pipelines.order())
    world.fail("charge_payment", PaymentDeclined("the card was declined"))

    await result_of(await pipelines.order(later_try(small_order())))

    assert "You were not charged this time." in world.mails["order-o1:cancellation:2"].body


async def test_a_charge_that_lands_after_its_run_was_terminated_is_given_back_first(
    pipelines: Pipelines, world: World
) -> None:
    async def charged() -> bool:
        return bool(world.charges)

    async with world.holding("charge_payment") as charging:
        run = await pipelines.order()
        await charging.wait_until_entered()
        await run.terminate("by an operator")
    await until(charged)

    again = later_try(small_order())
    result = await result_of(await pipelines.order(again, start_signal="expedite"))

    assert result.status == OrderStatus.COMPLETED
    assert world.refunds["order-o1:charge"].refund_id == "re-o1"
    assert world.charges.keys() - world.refunds.keys() == {"order-o1:charge:2"}


async def test_nothing_is_done_if_the_carrier_has_the_goods_of_an_earlier_try(
    pipelines: Pipelines, world: World
) -> None:
    await result_of(await pipelines.order(start_signal="expedite"))
    done = list(world.calls)

    run = await pipelines.order(later_try(small_order()))
    failure = await failure_of(run)

    assert isinstance(failure, ApplicationError)
    assert failure.type == "EarlierTryShipped"
    assert failure.message == "nothing was done: try 1 was shipped as sh-o1"
    assert {call.activity for call in world.calls[len(done) :]} <= {"settle_try", "archive_order"}
    assert world.refunds == {}


async def test_every_earlier_try_is_settled_once_its_providers_answer(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("settle_try", None, ProviderUnavailable("answered 503"))

    again = later_try(small_order(), number=4)
    await result_of(await pipelines.order(again, start_signal="expedite"))

    assert list(world.refunds) == [
        "order-o1:charge",
        "order-o1:charge:2",
        "order-o1:charge:3",
    ]
    assert list(world.charges) == ["order-o1:charge:4"]


NONSENSE: list[dict[str, Any]] = [
    {"try_number": 0},
    {"try_number": -1},
    {"try_number": 100},
    {"try_number": "2"},
    {"try_number": 2.5},
    {"try_number": None},
    {"try_number": 2, "approved_before": {"approved": False}},
    {"try_number": 2, "approved_before": True},
    {"try_number": 2, "first_token_digest": "tok_visa"},
]


async def test_a_run_that_is_started_by_hand_with_nonsense_does_nothing(
    pipelines: Pipelines, world: World
) -> None:
    for nonsense in NONSENSE:
        document = {**small_order().model_dump(mode="json"), **nonsense}
        run = await pipelines.env.client.start_workflow(
            OrderWorkflow.run, document, id="order-o1", task_queue=QUEUE
        )
        pipelines.runs.append(run)
        failure = await failure_of(run)
        assert isinstance(failure, ApplicationError)
        assert failure.type == "ValidationError"
        assert failure.message.startswith("the input is no Order: ")
    assert world.calls == []
