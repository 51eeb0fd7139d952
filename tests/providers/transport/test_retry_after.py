"""``Retry-After``: seconds and dates are read, anything else is ignored."""

import datetime as dt
import email.utils

import pytest

from providers.transport.retry_after import LONGEST_SECONDS, retry_after_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 3 ", 3.0),
        ("999999999999999999999999", LONGEST_SECONDS),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_SECONDS),
        ("-5", None),
        ("1.5", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_and_nonsense_is_not(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": value}) == seconds


@pytest.mark.parametrize("zone", [True, False])
def test_retry_after_may_be_a_date(zone: bool) -> None:
    date = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    text = email.utils.format_datetime(date if zone else date.replace(tzinfo=None), usegmt=zone)
    seconds = retry_after_seconds({"Retry-After": text})
    assert seconds is not None
    assert 80 < seconds <= 90


def test_without_retry_after_there_is_none() -> None:
    assert retry_after_seconds({}) is None


@pytest.mark.parametrize(
    "value",
    [
        "9" * 5_000,
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "Mon, 01 Jan 2027 00:00:00 +" + "9" * 40,
        "Mon, 99 Jan 2027 99:99:99 GMT",
        "Mon, 01 Jan " + "2" * 10_000,
        ", " * 5_000,
        "\x00",
    ],
)
def test_an_absurd_value_is_a_bounded_wait_or_none(value: str) -> None:
    wait = retry_after_seconds({"Retry-After": value})
    assert wait is None or 0 <= wait <= 3600
