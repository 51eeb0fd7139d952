"""When business is open, by the calendar of the worker that is asked."""

from temporalio import activity

from models import BusinessHours, HoursQuestion
from providers.business_calendar import BusinessCalendar


class BusinessHoursActivities:
    """The activity by which a run learns when business opens, so that its history keeps it."""

    def __init__(self, calendar: BusinessCalendar) -> None:
        self._calendar = calendar

    @activity.defn
    async def find_business_hours(self, question: HoursQuestion) -> BusinessHours:
        """Look up the next business hours."""
        return self._calendar.next_hours(question)
