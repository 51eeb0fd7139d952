"""The rules parser: rows, entries and readings put together into a receipt's fields."""

import datetime as dt

from config import Settings
from models import FieldReading, ReceiptFields, ReceiptText
from providers.errors import TotalNotFound
from providers.receipt_rules.currencies import CurrencyReading, find_currency
from providers.receipt_rules.dates import find_date
from providers.receipt_rules.entries import find_entries
from providers.receipt_rules.merchants import find_merchant
from providers.receipt_rules.rows import group_rows
from providers.receipt_rules.totals import find_total

PARSER_NAME = "rules"

_MONTH_FIRST_CURRENCIES = frozenset({"USD"})
_EITHER_ORDER_CURRENCIES = frozenset({"CAD", "PHP"})
"""Money of countries where 03/04 is printed in both senses."""


class RulesParser:
    """A ``ReceiptParser`` that needs no account: milliseconds of pure computation."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def parse(self, text: ReceiptText) -> ReceiptFields:
        """Give the fields; see ``ReceiptParser.parse``."""
        rows = group_rows(text)
        today = dt.datetime.now(dt.UTC).date()
        total = find_total(find_entries(rows))
        merchant = find_merchant(rows)
        currency = find_currency(rows, self._settings.default_currency)
        date = find_date(rows, today, self._is_day_first(currency))

        readings: dict[str, FieldReading] = {}
        doubts: list[str] = []
        if total is None:
            doubts.append("no total was found")
        else:
            readings["total"] = FieldReading(
                confidence=total.confidence, box=total.box, page=total.page
            )
            doubts += [total.doubt] if total.doubt else []
        if date is None:
            doubts.append("no date was found")
        else:
            readings["date"] = FieldReading(
                confidence=date.confidence, box=date.box, page=date.page
            )
            doubts += [date.doubt] if date.doubt else []
        if merchant is None:
            doubts.append("no merchant was found")
        else:
            readings["merchant"] = FieldReading(
                confidence=merchant.confidence, box=merchant.box, page=merchant.page
            )
            doubts += [merchant.doubt] if merchant.doubt else []
        if currency is None:
            doubts.append("no currency was found")
        else:
            readings["currency"] = FieldReading(confidence=currency.confidence)
        fields = ReceiptFields(
            merchant=None if merchant is None else merchant.name,
            total_cents=None if total is None else total.cents,
            currency=None if currency is None else currency.code,
            date=None if date is None else date.date,
            parser=PARSER_NAME,
            readings=readings,
            doubts=tuple(doubts),
        )
        if total is None:
            raise TotalNotFound("no row of the receipt shows a total", partial=fields)
        return fields

    def _is_day_first(self, currency: CurrencyReading | None) -> bool | None:
        """The order of day and month by the country whose money it is, else by the setting."""
        if currency is not None and currency.code not in _EITHER_ORDER_CURRENCIES:
            return currency.code not in _MONTH_FIRST_CURRENCIES
        order = self._settings.default_date_order
        return None if order is None else order == "day-first"
