"""Opening hours in a time zone: on the days of a week that are no public holidays."""

import datetime as dt
from collections.abc import Container
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import Settings, SettingsError
from models import BusinessHours, HoursQuestion
from settings.values import WEEKDAYS, hours_in, weekdays_in

MONDAY_TO_FRIDAY = frozenset(range(5))
MOST_DAYS_CLOSED = 400
"""After so many days without one that is open, the settings name none."""


@dataclass(frozen=True)
class OpeningHours:
    """``BusinessCalendar`` of a shop: the same hours on every weekday that it is open.

    ``days`` counts from Monday, which is 0; ``closes`` is None for midnight.
    """

    zone: dt.tzinfo = dt.UTC
    opens: dt.time = dt.time(9)
    closes: dt.time | None = None
    days: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: Container[dt.date] = frozenset()

    def next_hours(self, question: HoursQuestion) -> BusinessHours:
        """Return the next business hours; raise ValueError if there are none in a year."""
        today = question.now.astimezone(self.zone).date()
        for ahead in range(question.not_today, MOST_DAYS_CLOSED):
            day = today + dt.timedelta(days=ahead)
            if day.weekday() not in self.days or day in self.holidays:
                continue
            hours = self._hours_of(day)
            if question.now < hours.closes:
                return hours
        raise ValueError("no day of the next year is a business day")

    def _hours_of(self, day: dt.date) -> BusinessHours:
        last, closes = (day, self.closes) if self.closes else (_after(day), dt.time())
        return BusinessHours(opens=self._moment(day, self.opens), closes=self._moment(last, closes))

    def _moment(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)


def _after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def opening_hours(settings: Settings) -> OpeningHours:
    """Return the shop's hours; raise SettingsError if a setting names what there is not."""
    opens, closes = hours_in(settings.business_hours)
    calendar = partial(OpeningHours, _zone(settings.business_time_zone), opens, closes)
    days = weekdays_in(settings.business_days) if settings.business_days else None
    if settings.business_country is None:
        if settings.business_subdivision:
            raise SettingsError("BUSINESS_SUBDIVISION is set, so BUSINESS_COUNTRY must be, too")
        return calendar(days or MONDAY_TO_FRIDAY)
    return _with_holidays(calendar, days, settings)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"setting BUSINESS_TIME_ZONE: {name!r} is no time zone; one is Europe/Berlin"
        ) from None


def _with_holidays(
    calendar: "partial[OpeningHours]", days: frozenset[int] | None, settings: Settings
) -> OpeningHours:
    # Imported here because a worker without a country needs none of it.
    from holidays import country_holidays

    country = (settings.business_country or "").upper()
    subdivision = settings.business_subdivision
    try:
        public = country_holidays(country)
    except NotImplementedError:
        raise SettingsError(
            f"setting BUSINESS_COUNTRY: no public holidays are known of {country!r}; it must be "
            "an ISO 3166 code such as DE"
        ) from None
    if subdivision:
        if subdivision.upper() not in public.subdivisions:
            known = ", ".join(public.subdivisions) or "unset, as it has none"
            raise SettingsError(
                f"setting BUSINESS_SUBDIVISION: {country} has no {subdivision!r}; it must be "
                f"{'one of ' if public.subdivisions else ''}{known}"
            )
        public = country_holidays(country, subdiv=subdivision.upper())
    return calendar(days or frozenset(range(len(WEEKDAYS))) - frozenset(public.weekend), public)
