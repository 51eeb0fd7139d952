"""When the next business day opens, so that no order ships on a weekend."""

import datetime as dt

OPENING = dt.time(9, 0, tzinfo=dt.UTC)
"""Business days open at 09:00 UTC."""

SATURDAY = 5


def next_business_day_opening(now: dt.datetime) -> dt.datetime:
    """Return 09:00 UTC of the first day after today (UTC) that is not a Saturday or Sunday."""
    day = now.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, OPENING)


def opening_unless_open(now: dt.datetime) -> dt.datetime | None:
    """Return when business opens next; None if it is open, on a business day from 09:00 UTC on."""
    opens_today = dt.datetime.combine(now.astimezone(dt.UTC).date(), OPENING)
    if opens_today.weekday() >= SATURDAY:
        return next_business_day_opening(now)
    return opens_today if now < opens_today else None
