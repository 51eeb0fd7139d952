"""Business hours: of a time zone, of a week, and without the public holidays of a country."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings, SettingsError
from models import HoursQuestion
from providers.business_calendar.opening_hours import OpeningHours, opening_hours
from workflows.business_days import next_business_day_opening, opening_unless_open

BAVARIA: dict[str, Any] = {
    "business_time_zone": "Europe/Berlin",
    "business_hours": "08:30-18:00",
    "business_country": "DE",
    "business_subdivision": "BY",
}


def hours(now: str, *, not_today: bool = True, **chosen: Any) -> list[str]:
    question = HoursQuestion(now=dt.datetime.fromisoformat(now), not_today=not_today)
    found = opening_hours(Settings(**chosen)).next_hours(question)
    return [found.opens.isoformat(timespec="minutes"), found.closes.isoformat(timespec="minutes")]


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        # Epiphany, on 6 January, is a holiday in Bavaria.
        ("2026-01-05T12:00+00:00", "2026-01-07T07:30+00:00", "2026-01-07T17:00+00:00"),
        # Before Good Friday, over Easter Monday; the clock was set forward on 29 March.
        ("2026-04-02T12:00+00:00", "2026-04-07T06:30+00:00", "2026-04-07T16:00+00:00"),
        # 23:30 UTC is the next day in Berlin, so that the day after it is the first one.
        ("2026-07-06T22:30+00:00", "2026-07-08T06:30+00:00", "2026-07-08T16:00+00:00"),
        # Over Christmas (Friday, Saturday) and a Sunday.
        ("2026-12-24T12:00+00:00", "2026-12-28T07:30+00:00", "2026-12-28T17:00+00:00"),
    ],
)
def test_of_a_shop_in_bavaria(now: str, opens: str, closes: str) -> None:
    assert hours(now, **BAVARIA) == [opens, closes]


def test_a_holiday_is_one_only_where_it_is_kept() -> None:
    prussia = BAVARIA | {"business_subdivision": "BE"}
    assert hours("2026-01-05T12:00+00:00", **prussia)[0] == "2026-01-06T07:30+00:00"


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-01-07T07:29+00:00", "2026-01-07T07:30+00:00"),  # before it opens
        ("2026-01-07T16:59+00:00", "2026-01-07T07:30+00:00"),  # open
        ("2026-01-07T17:00+00:00", "2026-01-08T07:30+00:00"),  # closed since this moment
    ],
)
def test_today_counts_until_business_closes(now: str, opens: str) -> None:
    assert hours(now, not_today=False, **BAVARIA)[0] == opens


def test_a_country_has_its_own_weekend_and_a_shop_its_own_days() -> None:
    thursday = "2026-11-05T12:00+00:00"
    assert hours(thursday, business_country="IL")[0] == "2026-11-08T09:00+00:00"  # a Sunday
    assert hours(thursday, business_days="mon-sat")[0] == "2026-11-06T09:00+00:00"
    assert hours(thursday, business_days="sat, mon")[0] == "2026-11-07T09:00+00:00"
    assert hours(thursday, business_days="sun-tue")[0] == "2026-11-08T09:00+00:00"


@given(seconds=st.integers(min_value=0, max_value=4_102_444_800))
def test_unset_they_are_those_of_every_order_so_far(seconds: int) -> None:
    now = dt.datetime.fromtimestamp(seconds, dt.UTC)
    later = OpeningHours().next_hours(HoursQuestion(now=now, not_today=True))
    assert later.opens == next_business_day_opening(now)
    next_ones = OpeningHours().next_hours(HoursQuestion(now=now))
    is_open = next_ones.opens <= now < next_ones.closes
    assert (None if is_open else next_ones.opens) == opening_unless_open(now)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"business_time_zone": "Berlin"}, "BUSINESS_TIME_ZONE: 'Berlin' is no time zone"),
        ({"business_time_zone": "../etc"}, "BUSINESS_TIME_ZONE: '../etc' is no time zone"),
        ({"business_country": "XX"}, "BUSINESS_COUNTRY: no public holidays are known of 'XX'"),
        (
            {"business_country": "DE", "business_subdivision": "ZZ"},
            "BUSINESS_SUBDIVISION: DE has no 'ZZ'; it must be one of BB, BE, BW, BY,",
        ),
        ({"business_subdivision": "BY"}, "BUSINESS_COUNTRY must be, too"),
    ],
)
def test_what_there_is_not(chosen: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as error:
        opening_hours(Settings(**chosen))
    assert says in str(error.value)


@pytest.mark.parametrize(
    "listed", ["9-17", "09:00", "17:00-09:00", "09:00-25:00", "x", "٠٩:00-17:00"]
)
def test_hours_that_are_none(listed: str) -> None:
    with pytest.raises(ValueError, match="such as 09:00-17:30; 24:00 is midnight"):
        Settings(business_hours=listed)


@pytest.mark.parametrize("listed", ["", "monday", "mon-", "mon,,tue", "1-5"])
def test_days_that_are_none(listed: str) -> None:
    with pytest.raises(ValueError, match="such as mon-fri"):
        Settings(business_days=listed)
