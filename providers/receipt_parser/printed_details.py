"""Details of a receipt that a witness has read: a model, or another service.

The rules read them from the text, as they do without a witness. What a witness adds counts only
where the paper bears it out, and is left out elsewhere: no doubt comes of a detail.
"""

from collections.abc import Sequence

from models import PaymentMethod, PurchaseDetails
from providers.receipt_parser.receipt_rules.details import find_details
from providers.receipt_parser.receipt_rules.details.payments import method_named
from providers.receipt_parser.receipt_rules.details.taxes import find_tax
from providers.receipt_parser.receipt_rules.entries import Entry, find_entries
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role


def printed_details(
    rows: list[Row],
    digits: int,
    *,
    total: int | None,
    tax: int | None,
    tip: int | None,
    payment: str | None,
) -> PurchaseDetails:
    """Return the details; ``tax``, ``tip`` and ``payment`` are what a witness says they are.

    Amounts are in minor units of a currency with so many digits.
    """
    entries = find_entries(rows, digits)
    if tax is None and total:
        found = find_tax(entries, total)
        tax = found.cents if found else None
    read = find_details(rows, entries, digits, total, tax)
    fits = tax in (None, read.tax_cents)
    return read.model_copy(
        update={
            "tax_cents": read.tax_cents if fits else tax,
            "tax_rows": read.tax_rows if fits else (),
            "tip_cents": read.tip_cents or _borne_out_tip(tip, total, entries),
            "payment_method": read.payment_method or _borne_out_payment(payment, rows),
        }
    )


def _borne_out_tip(tip: int | None, total: int | None, entries: Sequence[Entry]) -> int | None:
    """Return a tip that is printed beside what the total would be without it, or None."""
    if not tip or not total or not 0 < tip < total:
        return None
    counted = [one for one in entries if one.role is not Role.ASIDE and not one.in_summary]
    tips = [one for one in counted if one.cents == tip]
    without = [one for one in counted if one.cents == total - tip]
    return tip if any(one.index != other.index for one in tips for other in without) else None


def _borne_out_payment(said: str | None, rows: Sequence[Row]) -> PaymentMethod | None:
    """Return a way to pay that a row names, or None."""
    named = (method_named(row.label) for row in rows)
    return next((method for method in named if method is not None and method == said), None)
