"""An order that an operator resets: the run forgets what happened, the providers do not."""

import uuid

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment

from models import OrderResult, OrderStatus
from providers.errors import PaymentDeclined, ProviderRateLimited
from tests.support.fakes import World
from tests.support.pipelines import (
    OrderRun,
    Pipelines,
    later_try,
    small_order,
)
from tests.support.watching import (
    TASK_COMPLETED,
    events_of,
    failure_of,
    order_state,
    result_of,
    until_order,
)
from workflows.order.workflow import OrderWorkflow


async def reset_to_the_start(pipelines: Pipelines, run: OrderRun) -> OrderRun:
    """Reset an order to its first workflow task, without its signals; return the new run."""
    client = pipelines.env.client
    # A later run may have the same id.
    own = client.get_workflow_handle(run.id, run_id=run.result_run_id)
    first, *_ = events_of(await own.fetch_history(), TASK_COMPLETED)
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(
                workflow_id=run.id, run_id=run.result_run_id or ""
            ),
            reason="a test",
            workflow_task_finish_event_id=first.event_id,
            request_id=str(uuid.uuid4()),
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
        )
    )
    again: OrderRun = client.get_workflow_handle(
        run.id, run_id=answer.run_id, result_type=OrderResult
    )
    pipelines.runs.append(again)
    return again


async def test_after_a_reset_nobody_is_told_of_the_end_that_it_took_back(
    real_time: WorkflowEnvironment,
) -> None:
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        world = pipelines.world
        # The provider forgets the decline.
        world.fail("charge_payment", PaymentDeclined("the card was declined"))
        world.fail("send_cancellation", ProviderRateLimited("closed for today", 86_400.0))
        run = await pipelines.order()
        assert (await result_of(run)).status == OrderStatus.PAYMENT_FAILED
        mail = pipelines.mail("order-o1:cancellation")

        again = await reset_to_the_start(pipelines, run)
        await again.signal(OrderWorkflow.expedite)

        assert (await result_of(again)).customer_told
        assert isinstance(await failure_of(mail), CancelledError)
        assert list(world.mails) == ["order-o1:confirm"]
        await pipelines.replay()


async def test_cancelled_after_a_reset_it_leaves_alone_what_was_shipped(
    real_time: WorkflowEnvironment,
) -> None:
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        run = await pipelines.order()
        await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
        await run.signal(OrderWorkflow.expedite)
        assert (await result_of(run)).status == OrderStatus.COMPLETED

        again = await reset_to_the_start(pipelines, run)
        await until_order(again, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
        await again.cancel()
        result = await result_of(again)
        assert (result.status, result.shipment_id) == (OrderStatus.COMPLETED, "sh-o1")
        assert (await order_state(again)).cancel_refused == "already shipped as sh-o1"
        assert pipelines.world.undone() == []
        row = pipelines.world.orders["o1"]
        assert (row.run_id, row.first_run_id) == (again.run_id, run.result_run_id)
        await pipelines.replay()


async def test_a_second_try_that_is_reset_finds_what_it_did_and_the_first_charges_no_more(
    real_time: WorkflowEnvironment,
) -> None:
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        world = pipelines.world
        world.fail("charge_payment", PaymentDeclined("the card was declined"))
        first = await pipelines.order()
        assert (await result_of(first)).status == OrderStatus.PAYMENT_FAILED
        second = await pipelines.order(later_try(small_order()), start_signal="expedite")
        assert (await result_of(second)).status == OrderStatus.COMPLETED

        result = await result_of(await reset_to_the_start(pipelines, second))
        assert (result.status, result.try_number) == (OrderStatus.COMPLETED, 2)
        assert (result.transaction_id, result.shipment_id) == ("ch-o1-2", "sh-o1-2")

        mistaken = await reset_to_the_start(pipelines, first)
        assert isinstance(failure := await failure_of(mistaken), ApplicationError)
        assert failure.type == "OrderHasEnded"
        assert world.orders["o1"].result == result
        assert list(world.charges) == ["order-o1:charge:2"]
        assert list(world.shipments) == ["order-o1:ship:2"]
        await pipelines.replay()
