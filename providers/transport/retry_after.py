"""Read ``Retry-After``: a wait the provider named beats any wait that we could guess.

RFC 9110, section 10.2.3: the header holds whole seconds or an HTTP date.
"""

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 3600.0
"""A provider that names more is asked again after an hour: a typo must not park a run for days."""


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Give the seconds to wait (0 to 3600) by the header, or None if it is absent or unreadable."""
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    seconds = (moment - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_SECONDS)
