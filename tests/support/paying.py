"""Both pipelines on a server that skips time, with a real provider for the money."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.testing import WorkflowEnvironment

from activities.business_hours import BusinessHoursActivities
from activities.orders import OrderActivities
from bootstrap import Activities, activities_of
from providers.payments import PaymentProvider
from tests.support.fakes import World
from tests.support.pipelines import Pipelines, time_skipping


class PipelinesThatPay(Pipelines):
    """Pipelines whose money is moved by a real provider; all else is fake."""

    def __init__(self, env: WorkflowEnvironment, world: World, payments: PaymentProvider) -> None:
        super().__init__(env, world)
        self._payments = payments

    def activities(self) -> Activities:
        """Return the activities of orders."""
        world = self.world
        orders = OrderActivities(self._payments, world, world, world, world)
        hours = BusinessHoursActivities(self)
        return (*activities_of(orders), *activities_of(hours))


@asynccontextmanager
async def paying_with(payments: PaymentProvider) -> AsyncIterator[PipelinesThatPay]:
    """Start a server; ``worker()`` of what is yielded runs the orders."""
    async with time_skipping() as env:
        yield PipelinesThatPay(env, World(clock=env.get_current_time), payments)
