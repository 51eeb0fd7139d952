"""The benchmarks' orders wait for no business day, at whatever hour they are measured."""

import datetime as dt

import pytest

from benchmarks.order_worker import trade_around_the_clock
from workflows import business_days

SATURDAY_NIGHT = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC)


def test_it_is_always_a_business_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("next_business_day_opening", "opening_unless_open"):
        monkeypatch.setattr(business_days, name, getattr(business_days, name))  # to be put back

    trade_around_the_clock()

    opening = business_days.next_business_day_opening(SATURDAY_NIGHT)
    assert opening - SATURDAY_NIGHT < dt.timedelta(seconds=1)
    assert business_days.opening_unless_open(SATURDAY_NIGHT) is None
