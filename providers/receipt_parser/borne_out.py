"""What a receipt bears out of the values that somebody says it shows.

A language model is a witness: the shop that it names must be printed, its currency must be told by
a code, a sign or the country, and its total by a row that can be one: not by the cash handed over.
"""

from collections.abc import Iterator
from itertools import pairwise

from models import amount_as_text, digits_of
from providers.merchant_names import is_same_merchant
from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.entries import Entry, find_entries
from providers.receipt_parser.receipt_rules.papers import paper_of
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.totals import find_total
from providers.receipt_parser.receipt_rules.vocabulary import Role

_NO_TOTALS = frozenset(
    {Role.CASH, Role.CHANGE, Role.TAX, Role.ROUNDING, Role.DISCOUNT, Role.ASIDE, Role.ARREARS}
)
"""What the label of a total cannot say."""


def unborne(
    rows: list[Row],
    merchant: str | None,
    currency: str | None,
    total: int | None,
    default_currency: str | None,
) -> list[str]:
    """Return doubts in words for what the rows do not bear out, and for what is no expense."""
    entries = find_entries(rows, digits_of(currency))
    return [
        *_about_merchant(rows, merchant),
        *_about_currency(rows, currency, default_currency),
        *_about_total(entries, currency, total, rows),
        *paper_of(rows, entries).doubts,
    ]


def _about_merchant(rows: list[Row], merchant: str | None) -> Iterator[str]:
    if merchant is None:
        return
    texts = [row.text for row in rows]
    texts += [f"{one} {other}" for one, other in pairwise(texts)]
    if not any(is_same_merchant(text, merchant) for text in texts if text.strip()):
        yield f"the merchant {merchant[:60]} does not occur on the receipt"


def _about_currency(
    rows: list[Row], currency: str | None, default_currency: str | None
) -> Iterator[str]:
    if currency is None or currency == default_currency:
        return
    printed = find_currency(rows, None)
    if printed is None:
        yield f"nothing on the receipt says that it is in {currency}"
    elif printed.code != currency:
        yield f"the receipt is in {printed.code} rather than {currency}"


def _about_total(
    entries: list[Entry], currency: str | None, total: int | None, rows: list[Row]
) -> Iterator[str]:
    standing = [entry for entry in entries if total is not None and total in entry.amounts]
    if total is None or not standing:
        return
    amount = amount_as_text(total, currency)
    if all(entry.role in _NO_TOTALS for entry in standing):
        yield f"no row says that the total is {amount}"
        return
    read = find_total(entries, currency, paper_of(rows, entries))
    if read is not None and read.cents != total:
        yield f"the total may be {amount_as_text(read.cents, currency)} rather than {amount}"
