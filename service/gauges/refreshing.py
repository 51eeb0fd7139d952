"""Keeps the gauges of the business fresh, in the one process that opens the HTTP door."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError

from config import Settings
from service.errors import ServiceError
from service.gauges.business import Business, Observer
from service.readiness.queues import all_queues

_LOGGER = logging.getLogger(__name__)


class Gauges:
    """The gauges; ``docs/metrics.md`` says what each means."""

    def __init__(self, meter: MetricMeter, task_queues: tuple[str, ...]) -> None:
        self._runs = meter.create_gauge("pipelines_runs")
        self._stuck = meter.create_gauge("pipelines_runs_stuck")
        self._untold = meter.create_gauge("pipelines_customers_untold")
        self._expiring = meter.create_gauge("pipelines_approvals_expiring")
        self._approval = meter.create_gauge_float("pipelines_oldest_approval_age_seconds")
        self._review = meter.create_gauge_float("pipelines_oldest_review_age_seconds")
        self._undoing = meter.create_gauge_float("pipelines_longest_compensation_seconds")
        self._queue = meter.create_gauge_float("pipelines_queue_oldest_task_age_seconds")
        self._refreshed = meter.create_gauge_float("pipelines_state_refreshed_timestamp_seconds")
        self._findings = meter.create_gauge("pipelines_audit_findings")
        self._audited = meter.create_gauge_float("pipelines_audit_timestamp_seconds")
        self._task_queues = task_queues

    def show(self, seen: Business) -> None:
        """Set every gauge, those that are 0 too: a gauge keeps what it was set to last."""
        for (kind, status), count in seen.runs.items():
            self._runs.set(count, {"pipeline": kind, "status": status})
        for name in self._task_queues:
            self._queue.set(seen.queues.get(name, 0.0), {"queue": name})
        self._stuck.set(seen.stuck)
        self._untold.set(seen.untold)
        self._expiring.set(seen.expiring_approvals)
        self._approval.set(seen.oldest_approval)
        self._review.set(seen.oldest_review)
        self._undoing.set(seen.longest_compensation)
        if seen.last_audit:
            self._findings.set(seen.last_audit.findings)
            self._audited.set(seen.last_audit.ended_at.timestamp())
        self._refreshed.set(time.time())


@asynccontextmanager
async def refreshing(
    settings: Settings, client: Callable[[], Awaitable[Client]], meter: MetricMeter
) -> AsyncIterator[None]:
    """Refresh the gauges during the block, if METRICS_PORT is set."""
    if settings.metrics_port is None:
        yield
        return
    task_queues = dict.fromkeys(queue.name for queue in all_queues(settings))
    gauges = Gauges(meter, tuple(task_queues))
    going_on = asyncio.create_task(_go_on(Observer(settings), gauges, client, settings))
    try:
        yield
    finally:
        going_on.cancel()
        await asyncio.gather(going_on, return_exceptions=True)


async def _go_on(
    observer: Observer,
    gauges: Gauges,
    client: Callable[[], Awaitable[Client]],
    settings: Settings,
) -> None:
    """Look again and again; what was seen last stays while Temporal does not answer."""
    while True:
        try:
            gauges.show(await observer.look(await client()))
        except (ServiceError, RPCError) as error:
            _LOGGER.warning("the metrics of the business are not fresh: %s", error)
        except Exception:  # or nobody would see a gauge move again
            _LOGGER.exception("the metrics of the business are not fresh")
        await asyncio.sleep(settings.metrics_refresh_seconds)
