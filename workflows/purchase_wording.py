"""What else was printed on a receipt, in words: taxes, tip, items and how it was paid."""

from models import LineItem, PurchaseDetails, TaxRow, amount_as_text, money_as_text


def tax_row(row: TaxRow, currency: str | None) -> str:
    """Write a row of taxes as ``19 %: net 10.00, tax 1.90, gross 11.90``."""
    amounts = (("net", row.net_cents), ("tax", row.tax_cents), ("gross", row.gross_cents))
    printed = ", ".join(
        f"{name} {amount_as_text(cents, currency)}" for name, cents in amounts if cents is not None
    )
    return f"{row.rate_percent:f} %: {printed}" if row.rate_percent is not None else printed


def line_item(item: LineItem, currency: str | None) -> str:
    """Write an item as ``2 x 3.49 Milk: 6.98``."""
    parts = [f"{item.quantity:f} x"] if item.quantity is not None else []
    if item.unit_price_cents is not None:
        parts.append(amount_as_text(item.unit_price_cents, currency))
    return f"{' '.join([*parts, item.description])}: {amount_as_text(item.cents, currency)}"


def facts(details: PurchaseDetails, currency: str | None) -> list[tuple[str, str]]:
    """Return what is known besides the items, each with its name."""
    known = []
    if details.tax_cents is not None:
        known.append(("tax", money_as_text(details.tax_cents, currency)))
    if details.tax_rows:
        known.append(("taxes", "; ".join(tax_row(row, currency) for row in details.tax_rows)))
    if details.tip_cents is not None:
        known.append(("tip", money_as_text(details.tip_cents, currency)))
    if details.payment_method is not None:
        known.append(("paid", f"by {details.payment_method.replace('_', ' ')}"))
    return known


def in_a_sentence(details: PurchaseDetails, currency: str | None) -> str:
    """Return what is in the total and how it was paid, as a sentence; empty if not known."""
    inside = [
        f"{money_as_text(cents, currency)} {name}"
        for name, cents in (("tax", details.tax_cents), ("tip", details.tip_cents))
        if cents
    ]
    parts = [f"it includes {' and '.join(inside)}"] if inside else []
    if details.payment_method is not None:
        parts.append(f"paid by {details.payment_method.replace('_', ' ')}")
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}." if words else ""
