"""Whether day or month comes first, by the currency of the receipt."""

from config import Settings

_MONTH_FIRST_CURRENCIES = frozenset({"USD"})
_EITHER_ORDER_CURRENCIES = frozenset({"CAD", "PHP"})
"""Currencies of countries where 03/04 can mean either date."""


def is_day_first(currency: str | None, settings: Settings) -> bool | None:
    """Return the order by the currency's country, else by the setting; None if it is unknown."""
    if currency is not None and currency not in _EITHER_ORDER_CURRENCIES:
        return currency not in _MONTH_FIRST_CURRENCIES
    order = settings.default_date_order
    return None if order is None else order == "day-first"
