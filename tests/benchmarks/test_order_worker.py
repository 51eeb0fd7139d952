"""The benchmarks' orders wait for no business day, at whatever hour they are measured."""

import datetime as dt

from benchmarks.rig.steps import AroundTheClock
from models import HoursQuestion

SATURDAY_NIGHT = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)


def test_it_is_always_a_business_day() -> None:
    hours = AroundTheClock().next_hours(HoursQuestion(now=SATURDAY_NIGHT, not_today=True))
    assert hours.opens - SATURDAY_NIGHT < dt.timedelta(seconds=1)
    assert hours.closes - SATURDAY_NIGHT > dt.timedelta(hours=1)
