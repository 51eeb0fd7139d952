"""Quantities: how many, and what one costs, where their product is the amount of the item.

``2 x 3,49``, ``3 @ 1.99``, ``0.482 kg x 2.99`` and the columns of an invoice look like many other
things. The product tells them apart: what does not come to the amount is no quantity.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import islice

from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.amounts.signs import BEFORE, BEHIND

_MOST = 6
"""Products, and numbers, of one row that are looked at."""
_COUNTED = (
    r"(?:kg|KG|Kg|g|l|L|ltr|lbs?|LBS?|oz|gal|ea|EA|Ea|pcs?|PCS?|St(?:k|ck|\u00fcck)?|STK?|szt|ks|KS|db"
    r"|kpl|stuks?|un|UN|ud|u|h|hrs?|Std)\.?"
)
"""What is counted or weighed; each is a word of its own."""
_QUANTITY = r"(?P<quantity>\d{1,5}(?:[.,]\d{1,3})?)"
_TIMES = re.compile(
    r"(?<![\w.,])(?<!\d\s)(?:[xX\u00d7]\s?(?P<behind>\d{1,3})(?![\w.,:/%-]|\s?[^\W\d])"
    r"|(?P<before>\d{1,3})\s?[xX\u00d7](?=\s+[^\W\d]|\s*$))"
)
_NUMBER = re.compile(r"(?<![\w.,:/#-])(\d{1,4})(?:\s?[xX\u00d7])?(?![\w.,:/%-])")


@dataclass(frozen=True)
class Quantity:
    """A quantity with its unit price in minor units, and where both stand in the row's text.

    The price is None where only the quantity is printed.
    """

    quantity: Decimal
    unit_price_cents: int | None
    start: int
    end: int

    def comes_to(self, cents: int) -> bool:
        """Tell whether quantity times price is an amount in minor units, rounded or cut off.

        Without a price, whether so many of the same price can come to it.
        """
        if self.unit_price_cents is None:
            return cents % self.quantity == 0
        product = self.quantity * self.unit_price_cents
        rounded = int(product.quantize(Decimal(1), ROUND_HALF_UP))
        return abs(cents) in (rounded, int(product))


def find_products(text: str, digits: int) -> list[Quantity]:
    """Return what is written as a product: ``2 x 3,49`` or ``3,49 x 2``."""
    found = (
        _quantity_of(match)
        for pattern in _products(digits)
        for match in islice(pattern.finditer(text), _MOST)
    )
    return [one for one in found if one is not None]


def find_columns(text: str, cents: int, digits: int) -> Quantity | None:
    """Return a quantity and a price in two columns of a row whose last amount is ``cents``."""
    amounts = find_amounts(text, digits)
    if len(amounts) < 2 or abs(amounts[-1].cents) != abs(cents):
        return None
    price = amounts[-2]
    for number in islice(_NUMBER.finditer(text), _MOST):
        stands_apart = number.end() <= price.start or number.start() >= price.end
        one = Quantity(Decimal(number[1]), abs(price.cents), number.start(), number.end())
        if stands_apart and price.cents and one.comes_to(cents):
            return one
    return None


def find_multiplier(text: str, cents: int) -> Quantity | None:
    """Return what is written as ``x2`` or ``2x`` beside a name, where no price of one stands."""
    for match in islice(_TIMES.finditer(text), _MOST):
        quantity = Decimal(match["behind"] or match["before"])
        one = Quantity(quantity, None, match.start(), match.end())
        if quantity and one.comes_to(cents):
            return one
    return None


def without(text: str, one: Quantity) -> str:
    """Return the words of a row without its quantity and its price."""
    return f"{text[: one.start]} {text[one.end :]}"


@cache
def _products(digits: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    point = rf"[.,]\d{{{digits}}}" if digits else ""
    price = rf"(?:{BEFORE}\s?)?(?P<price>\d{{1,3}}(?:[.,' ]\d{{3}}){{1,2}}{point}|\d{{1,7}}{point})"
    per = rf"(?:\s?{BEHIND})?(?:\s?/\s?{_COUNTED}(?![A-Za-z]))?(?![\d%]|[.,]\d)"
    times = r"\s?(?:[xX\u00d7*@\u00e0]|(?<=\s)a(?=\s))\s?"
    counted = rf"(?:\s?{_COUNTED}(?![A-Za-z]))?"
    before = rf"(?<![\w.,:/#-]){_QUANTITY}{counted}{times}(?:@\s?)?{price}{per}"
    behind = rf"(?<![\w.,:/#-]){price}{per}{times}{_QUANTITY}{counted}(?![\w%]|[.,]\d)"
    return re.compile(before), re.compile(behind)


def _quantity_of(match: re.Match[str]) -> Quantity | None:
    quantity = Decimal(match["quantity"].replace(",", "."))
    price = re.sub(r"\D", "", match["price"])
    if not quantity or not int(price):
        return None
    return Quantity(quantity, int(price), match.start(), match.end())
