"""The business calendar: when orders may be handed to the carrier."""

from typing import Protocol

from models import BusinessHours, HoursQuestion


class BusinessCalendar(Protocol):
    """Knows the days and hours on which business is open."""

    def next_hours(self, question: HoursQuestion) -> BusinessHours:
        """Return the next business hours that have not ended at the time of the question."""
        ...
