"""Whether day or month comes first, by the money that a receipt is in."""

from config import Settings

_MONTH_FIRST_CURRENCIES = frozenset({"USD"})
_EITHER_ORDER_CURRENCIES = frozenset({"CAD", "PHP"})
"""Money of countries where 03/04 is printed in both senses."""


def is_day_first(currency: str | None, settings: Settings) -> bool | None:
    """The order by the country whose money it is, else by the setting; None: nobody knows."""
    if currency is not None and currency not in _EITHER_ORDER_CURRENCIES:
        return currency not in _MONTH_FIRST_CURRENCIES
    order = settings.default_date_order
    return None if order is None else order == "day-first"
