"""The next business day: 09:00 UTC, never on a weekend, never today."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.business_days import next_business_day_opening, opening_unless_open

UTC_MINUS_8 = dt.timezone(dt.timedelta(hours=-8))


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-01-05T00:00+00:00", "2026-01-06T09:00+00:00"),  # Monday to Tuesday
        ("2026-01-05T08:59+00:00", "2026-01-06T09:00+00:00"),  # before 09:00: still tomorrow
        ("2026-01-08T23:59+00:00", "2026-01-09T09:00+00:00"),  # Thursday night to Friday
        ("2026-01-09T00:00+00:00", "2026-01-12T09:00+00:00"),  # Friday to Monday
        ("2026-01-09T23:59+00:00", "2026-01-12T09:00+00:00"),  # Friday night
        ("2026-01-10T12:00+00:00", "2026-01-12T09:00+00:00"),  # Saturday
        ("2026-01-11T23:59+00:00", "2026-01-12T09:00+00:00"),  # Sunday
        ("2026-12-31T12:00+00:00", "2027-01-01T09:00+00:00"),  # over the year; no holidays
        ("2026-01-09T20:00-08:00", "2026-01-12T09:00+00:00"),  # Friday there, Saturday in UTC
    ],
)
def test_examples(now: str, opening: str) -> None:
    assert next_business_day_opening(dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(
        opening
    )


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-01-09T08:59:59+00:00", "2026-01-09T09:00+00:00"),  # Friday, before it opens
        ("2026-01-09T09:00+00:00", None),
        ("2026-01-09T23:59:59+00:00", None),
        ("2026-01-10T12:00+00:00", "2026-01-12T09:00+00:00"),  # Saturday
        ("2026-01-11T23:59+00:00", "2026-01-12T09:00+00:00"),  # Sunday
        ("2026-01-09T20:00-08:00", "2026-01-12T09:00+00:00"),  # Friday there, Saturday in UTC
    ],
)
def test_whether_it_is_open(now: str, opening: str | None) -> None:
    expected = None if opening is None else dt.datetime.fromisoformat(opening)
    assert opening_unless_open(dt.datetime.fromisoformat(now)) == expected


@given(
    seconds=st.integers(min_value=0, max_value=4_102_444_800),
    zone=st.sampled_from([dt.UTC, UTC_MINUS_8]),
)
def test_any_time(seconds: int, zone: dt.timezone) -> None:
    now = dt.datetime.fromtimestamp(seconds, zone)
    opening = next_business_day_opening(now)
    assert opening.tzinfo == dt.UTC
    assert opening.time() == dt.time(9)
    assert opening.weekday() < 5
    today = now.astimezone(dt.UTC).date()
    assert dt.timedelta(days=1) <= opening.date() - today <= dt.timedelta(days=3)
    assert dt.timedelta(0) < opening - now <= dt.timedelta(days=4)
