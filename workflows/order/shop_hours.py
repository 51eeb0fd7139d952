"""When business is open, for one order: the worker is asked, and the answer is kept."""

import datetime as dt

from temporalio import workflow

from models import BusinessHours
from workflows import business_days
from workflows.order.rules import Rule, in_force
from workflows.order.steps import OrderSteps
from workflows.shared.step import Waiting


class ShopHours:
    """The hours that an order was last told of; later changes of the settings do not reach it."""

    def __init__(self, steps: OrderSteps, waiting: Waiting) -> None:
        self._steps = steps
        self._waiting = waiting
        self._hours: BusinessHours | None = None

    def is_open(self) -> bool:
        """Tell whether business is open, as far as the order knows."""
        now = workflow.now()
        if in_force(Rule.BUSINESS_HOURS_LOOKED_UP):
            return bool(self._hours and self._hours.opens <= now < self._hours.closes)
        is_open = business_days.opening_unless_open(now) is None
        return is_open or not in_force(Rule.BUSINESS_DAY_CHECKED_AGAIN)

    async def next_opening(self, *, not_today: bool = False) -> dt.datetime:
        """Return when business opens, or has opened if it is open; raise ActivityError."""
        now = workflow.now()
        if in_force(Rule.BUSINESS_HOURS_LOOKED_UP):
            step = self._steps.find_business_hours(not_today=not_today)
            self._hours = await step.local_first(self._waiting)
            return self._hours.opens
        if not_today:
            return business_days.next_business_day_opening(now)
        return business_days.opening_unless_open(now) or now
