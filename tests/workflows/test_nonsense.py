"""Nothing that anybody sends can hang a run: not a start, and not a signal."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from models import OrderStatus
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, large_order, small_order
from tests.support.watching import failure_of, order_state, result_of

ODD = RawValue(Payload(metadata={"encoding": b"binary/theirs"}, data=b"?"))


@pytest.mark.parametrize(
    "inputs",
    [[], [small_order(), small_order()], [1, 2, 3], ["order"], [None], [[]], [ODD], [ODD, ODD]],
    ids=["none", "two", "three", "text", "null", "list", "unreadable", "two unreadable"],
)
@pytest.mark.parametrize("kind", ["OrderWorkflow", "ReceiptWorkflow"])
async def test_a_start_without_an_input_that_can_be_one_fails_at_once(
    pipelines: Pipelines, world: World, kind: str, inputs: list[object]
) -> None:
    run = await pipelines.env.client.start_workflow(
        kind, args=inputs, id="started-by-hand", task_queue=QUEUE, start_signal="pause"
    )
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ValidationError"
    assert world.calls == []


NONSENSE = [
    {"payment_token": "encrypted:x"},
    'any text with "payment_token" in it',
    {"approved": "yes"},
    {"approved": 1},
    {"approved": None},
    [],
    ODD,
]


@pytest.mark.parametrize("sent", NONSENSE, ids=str)
async def test_no_signal_stops_a_run_or_counts_as_what_it_is_not(
    pipelines: Pipelines, sent: object
) -> None:
    run = await pipelines.order(large_order())
    for name in ("approval", "pause", "resume", "expedite", "correction", "never heard of"):
        await run.signal(name, sent)

    assert (await order_state(run)).status is OrderStatus.AWAITING_APPROVAL
    await run.signal("approval", {"approved": False})
    assert (await result_of(run)).status is OrderStatus.REJECTED
