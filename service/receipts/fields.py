"""The fields of a receipt as a person would type them."""

from models import ReceiptFields, amount_as_text


def choices_of(name: str, fields: ReceiptFields) -> list[str]:
    """Return what was read for a field and what else it may be, the likeliest first."""
    choices = [value_of(name, fields), *fields.candidates.get(name, ())]
    return list(dict.fromkeys(choice for choice in choices if choice))


def value_of(name: str, fields: ReceiptFields) -> str:
    """Write a field's value as a person would type it; empty if it was not found."""
    amount: int | None = getattr(fields, f"{name}_cents", None)
    if amount is not None:
        return amount_as_text(amount, fields.currency)
    return str(getattr(fields, name, None) or "")
