"""Limits of providers and patience: settings of a worker that reach every run, also open ones."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio import activity

from activities.metrics import PROVIDER_OF
from activities.policies import POLICIES
from config import Settings
from models import OrderStatus, ReceiptStatus
from providers.errors import ProviderError, ProviderRateLimited, ProviderUnavailable
from service.runs.replaying import history_in
from settings.values import LIMITED_PROVIDERS
from tests.record_histories import HISTORIES
from tests.support.calls import Fault
from tests.support.fakes import Clock, World
from tests.support.pipelines import Pipelines, replayer, time_skipping
from tests.support.watching import failure_of, made_locally, result_of, scheduled
from worker import bounds_of, build_limited_workers
from workflows.worker_bounds import WorkerBounds

HOUR = dt.timedelta(hours=1)
AWAY = ProviderUnavailable("answered 503")
SOON = ProviderRateLimited("answered 429", 1)


class Away(World):
    """A provider that is away for an hour from the first call of one step on."""

    def __init__(self, clock: Clock, step: str, error: ProviderError) -> None:
        super().__init__(clock)
        self._step = step
        self._error = error

    def _next_fault(self) -> Fault | None:
        calls = self.calls_of(self._step)
        is_asked = activity.info().activity_type == self._step
        return Fault(self._error) if is_asked and calls[-1].at - calls[0].at < HOUR else None


@asynccontextmanager
async def away(
    step: str, error: ProviderError = AWAY, patience: dt.timedelta = HOUR
) -> AsyncIterator[Pipelines]:
    async with time_skipping() as env:
        pipelines = Pipelines(env, Away(env.get_current_time, step, error))
        async with pipelines.worker(bounds=WorkerBounds(patience=patience)):
            yield pipelines
            await pipelines.replay()


# --- patience ---------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [AWAY, SOON], ids=["by its own waits", "Retry-After of a second"])
@pytest.mark.parametrize("step", ["charge_payment", "reserve_inventory", "schedule_shipment"])
async def test_an_outage_of_an_hour_ends_no_order(step: str, error: ProviderError) -> None:
    async with away(step, error) as pipelines:
        result = await result_of(await pipelines.order())
        calls = pipelines.world.calls_of(step)

    assert result.status is OrderStatus.COMPLETED
    assert calls[-1].at - calls[0].at >= HOUR
    assert len({str(call.request) for call in calls}) == 1, "under one key"


@pytest.mark.parametrize("step", ["extract_text", "parse_receipt", "save_expense"])
async def test_an_outage_of_an_hour_ends_no_receipt(step: str) -> None:
    async with away(step) as pipelines:
        result = await result_of(await pipelines.receipt())

    assert result.status is ReceiptStatus.COMPLETED


@pytest.mark.parametrize("step", ["charge_payment", "reserve_inventory"])
async def test_without_patience_a_step_has_the_attempts_of_its_row(step: str) -> None:
    async with away(step, patience=dt.timedelta()) as pipelines:
        run = await pipelines.order()
        if step == "charge_payment":
            assert (await result_of(run)).status is OrderStatus.PAYMENT_FAILED
        else:
            await failure_of(run)
        assert len(pipelines.world.calls_of(step)) == POLICIES[step].attempts


# --- limits -----------------------------------------------------------------------------------


async def test_what_calls_a_limited_provider_goes_through_its_queue_and_never_locally() -> None:
    settings = Settings(provider_limits="inventory=100,shipping=100,mail=100")
    async with time_skipping() as env:
        here, elsewhere = World(clock=env.get_current_time), World(clock=env.get_current_time)
        pipelines = Pipelines(env, here)
        limited = Pipelines(env, elsewhere).activities()
        inventory, shipping, mail = build_limited_workers(env.client, settings, limited)
        async with pipelines.worker(bounds=bounds_of(settings)), inventory, shipping, mail:
            run = await pipelines.order()
            result = await result_of(run)
            history = await run.fetch_history()
            await pipelines.replay()

    assert result.status is OrderStatus.COMPLETED
    assert here.names() == ["charge_payment"]
    assert elsewhere.names() == ["reserve_inventory", "schedule_shipment", "send_confirmation"]
    assert not any(call.is_local for call in elsewhere.calls)
    queues = {
        name: event.activity_task_scheduled_event_attributes.task_queue.name
        for name, event in scheduled(history).items()
    }
    assert queues["reserve_inventory"] == "pipelines-inventory"
    assert made_locally(history) == ["find_business_hours", "archive_order"]


def test_whom_a_limit_may_be_set_for_is_called_by_activities() -> None:
    assert set(LIMITED_PROVIDERS) <= set(PROVIDER_OF.values())


async def test_no_recorded_history_minds_another_queue_or_another_patience() -> None:
    """So both settings may change while runs are open."""
    changed = replayer(bounds=WorkerBounds(LIMITED_PROVIDERS, HOUR))
    for path in sorted(HISTORIES.glob("*.json")):
        await changed.replay_workflow(history_in(path))
