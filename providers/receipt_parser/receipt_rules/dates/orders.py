"""Whether day, month or year comes first, by the currency of the receipt or by its address."""

import re

from config import Settings
from providers.receipt_parser.receipt_rules.rows import Row

_MONTH_FIRST_CURRENCIES = frozenset({"USD"})
_EITHER_ORDER_CURRENCIES = frozenset({"CAD", "PHP"})
"""Currencies of countries where 03/04 can mean either date."""
_YEAR_FIRST_CURRENCIES = frozenset({"KRW", "JPY", "CNY", "TWD", "HUF", "SEK"})
_YEAR_FIRST_PLACES = re.compile(
    r"\b(KOREA|SEOUL|BUSAN|JAPAN|TOKYO|KYOTO|OSAKA|CHINA|TAIWAN|TAIPEI)\b"
)
_HEAD_ROWS = 8


def is_year_first(currency: str | None, rows: list[Row]) -> bool:
    """Return whether ``26-03-14`` is in 2026: in East Asia, Hungary and Sweden it is."""
    if currency in _YEAR_FIRST_CURRENCIES:
        return True
    return any(_YEAR_FIRST_PLACES.search(row.label) for row in rows[:_HEAD_ROWS])


def is_day_first(currency: str | None, settings: Settings) -> bool | None:
    """Return the order by the currency's country, else by the setting; None if it is unknown."""
    if currency is not None and currency not in _EITHER_ORDER_CURRENCIES:
        return currency not in _MONTH_FIRST_CURRENCIES
    order = settings.default_date_order
    return None if order is None else order == "day-first"
