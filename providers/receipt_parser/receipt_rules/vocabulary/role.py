"""What an amount of a receipt is."""

from enum import StrEnum, auto


class Role(StrEnum):
    """What an amount is, according to its label.

    ``ASIDE`` is money that this purchase did not cost: what is left on a card, suggested tips, a
    share of the bill, the price of a litre. ``ARREARS`` are from earlier bills, ``DEPOSIT`` was
    paid before.
    """

    ASIDE = auto()
    ARREARS = auto()
    DEPOSIT = auto()
    GRAND_TOTAL = auto()
    TOTAL = auto()
    SUBTOTAL = auto()
    NET = auto()
    TAX = auto()
    ROUNDING = auto()
    DISCOUNT = auto()
    SERVICE = auto()
    CASH = auto()
    CARD = auto()
    CHANGE = auto()
    COUNT = auto()
    NONE = auto()
