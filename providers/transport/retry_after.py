"""Read the ``Retry-After`` header: the provider knows better than we do how long to wait.

RFC 9110, section 10.2.3: the header holds whole seconds or an HTTP date.
"""

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 3600.0
"""The longest wait that we accept: a provider's typo must not delay a run for days."""

_LONGEST_DATE = 100
"""In characters; one of HTTP has 29."""


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait (0 to 3600), or None if the header is absent or invalid."""
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_SECONDS)
    try:
        moment = parsedate_to_datetime(value[:_LONGEST_DATE])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = (moment - dt.datetime.now(dt.UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):  # a year or a zone of any size
        return None
    return min(max(seconds, 0.0), LONGEST_SECONDS)
