"""What people ask for beside the total of a receipt: items, taxes, tip, how it was paid.

They are read where they are printed clearly, and empty elsewhere. No decision depends on them.
Amounts are in minor units of the receipt's currency, negative for a refund.
"""

from decimal import Decimal
from enum import StrEnum

from models.base import CleanText, Model
from models.money import digits_of


class LineItem(Model):
    """One item as printed; its amount is in minor units, negative for a discount or a return.

    ``quantity`` and ``unit_price_cents`` are None where they are not printed; if both are, their
    product is the amount, to the minor unit. A quantity may be a weight or a volume, such as 0.482.
    """

    description: CleanText
    cents: int
    quantity: Decimal | None = None
    unit_price_cents: int | None = None


class TaxRow(Model):
    """One row of a receipt's taxes; what is not printed in it is None.

    ``rate_percent`` is 19 for 19 %; net and tax are the gross.
    """

    rate_percent: Decimal | None = None
    net_cents: int | None = None
    tax_cents: int
    gross_cents: int | None = None


class PaymentMethod(StrEnum):
    """How a receipt was paid, by the payment means of EN 16931; never with which card."""

    CASH = "cash"
    CARD = "card"
    CHEQUE = "cheque"
    CREDIT_TRANSFER = "credit_transfer"
    DIRECT_DEBIT = "direct_debit"
    ONLINE_SERVICE = "online_service"


class PurchaseDetails(Model):
    """What else was read on a receipt.

    ``tax_cents`` is the tax included in the total, ``tip_cents`` the tip in it. ``tax_rows`` are
    all of its taxes or none of them. ``items`` are the items that could be read, which may not be
    all. ``payment_method`` is None where there were several.
    """

    tax_cents: int | None = None
    tip_cents: int | None = None
    tax_rows: tuple[TaxRow, ...] = ()
    payment_method: PaymentMethod | None = None
    items: tuple[LineItem, ...] = ()


MONEY_OF_DETAILS: dict[str, object] = {
    "tax_cents": None,
    "tip_cents": None,
    "tax_rows": (),
    "items": (),
}
"""The details that are amounts, as they are where nothing is known."""


def outdated_details(
    total_before: int | None,
    currency_before: str | None,
    total_now: int | None,
    currency_now: str | None,
) -> dict[str, object]:
    """Return the details that are no longer true once a person has corrected total or currency.

    Amounts that were read in hundredths mean something else in yen, and taxes that add up to one
    total do not add up to another.
    """
    if digits_of(currency_before) != digits_of(currency_now):
        return MONEY_OF_DETAILS
    if total_before not in (None, total_now):
        return {"tax_cents": None, "tax_rows": (), "tip_cents": None}
    return {}
