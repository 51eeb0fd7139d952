"""An order that an operator resets: the run forgets what happened, the providers do not."""

import uuid

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from models import OrderResult, OrderStatus
from tests.support.pipelines import OrderRun, Pipelines, real_time
from tests.support.watching import TASK_COMPLETED, events_of, order_state, result_of, until_order
from workflows.order.workflow import OrderWorkflow


async def reset_to_the_start(pipelines: Pipelines, run: OrderRun) -> OrderRun:
    """Reset an order to its first workflow task, without its signals; return the new run."""
    history = await run.fetch_history()
    first, *_ = events_of(history, TASK_COMPLETED)
    client = pipelines.env.client
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


async def test_cancelled_after_a_reset_it_leaves_alone_what_was_shipped() -> None:
    async with real_time() as pipelines:
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
        await pipelines.replay()
