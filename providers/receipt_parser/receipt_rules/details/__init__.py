"""Details: what people ask for beside the total, read where it is printed clearly.

No doubt comes of them, and none of them changes the money: what does not fit the total is left out.
"""

from collections.abc import Sequence

from models import PurchaseDetails
from providers.receipt_parser.receipt_rules.details.items import find_items
from providers.receipt_parser.receipt_rules.details.payments import find_payment
from providers.receipt_parser.receipt_rules.details.tax_rows import find_tax_rows
from providers.receipt_parser.receipt_rules.details.tips import find_tip
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row


def find_details(
    rows: Sequence[Row],
    entries: Sequence[Entry],
    digits: int,
    total: int | None,
    tax: int | None,
) -> PurchaseDetails:
    """Return the details of a receipt whose total, and the tax in it, are in minor units."""
    tip = find_tip(entries, total)
    tax_rows = find_tax_rows(entries, total, tip, tax)
    return PurchaseDetails(
        tax_cents=sum(row.tax_cents for row in tax_rows) if tax_rows else tax,
        tip_cents=tip,
        tax_rows=tax_rows,
        payment_method=find_payment(rows, entries, total),
        items=find_items(rows, entries, digits),
    )
