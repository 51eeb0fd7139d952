"""Dollars: whether a receipt with a bare dollar sign is from the United States.

Twenty countries print the same sign. It is theirs unless something says America: a sales tax, a
tip, a phone number, a date with the month first.
"""

import re

from providers.receipt_parser.receipt_rules.rows import Row

_OTHERS_SAY = re.compile(
    r"\b(GST|VAT|GCT|IVA|ITBIS|EFECTIVO|TARJETA|PROPINA|IMPUESTOS?|TOTAL A PAGAR|EFTPOS"
    r"|TAX INVOICE)\b"
)
"""What no receipt in US dollars prints, although many print a dollar sign with it."""
_DAY_FIRST = re.compile(
    r"(?<![\d./-])(1[3-9]|2\d|3[01])[/.-](0?[1-9]|1[0-2])[/.-](20)?\d\d(?![\d./-])"
)
_AMERICANS_SAY = re.compile(
    r"\b(ZIP|TIPS?|GRATUITY|USA|US DOLLARS?|CHECK (NO|NUMBER|\d+)|GUEST CHECK|FEDERAL|TAX ID|EIN)\b"
    r"|^(EST(IMATED)? |TOTAL |FOOD |MEAL |ROOM |LODGING |OCCUPANCY |RENTAL |LIQUOR )*TAX(ES)?\b"
    r"(?! (INV|ID|REG|NO|FREE|POINT))"
)
_MONTH_FIRST = re.compile(
    r"(?<![\d./-])(0?[1-9]|1[0-2])[/-](1[3-9]|2\d|3[01])[/-](20)?\d\d(?![\d./-])"
    r"|\b(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.? \d{1,2},?"
    r" (20\d\d|'\d\d)\b"
)
_PHONE = re.compile(
    r"(?<![\d+-])(?:\+?1[ .-]?)?\(?"
    r"(?!242|246|264|268|284|340|345|441|473|649|658|664|721|758|767|784|809|829|849|868|869|876)"
    r"[2-9]\d\d\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![\d-])"
)
"""A phone number of North America without the islands of the Caribbean, which have dollars, too."""
_LONGEST = 120
"""In characters of a row that are looked at."""


def dollar_doubt(rows: list[Row]) -> str | None:
    """Return a doubt if a bare dollar sign may be that of another country."""
    texts = [row.text[:_LONGEST] for row in rows]
    labels = [row.label[:_LONGEST] for row in rows]
    if any(map(_OTHERS_SAY.search, labels)):
        return "the dollar sign may be that of another country's currency"
    is_american = any(map(_AMERICANS_SAY.search, labels)) or any(
        _PHONE.search(text) or _MONTH_FIRST.search(text) for text in texts
    )
    if is_american and not any(map(_DAY_FIRST.search, texts)):
        return None
    return "nothing says which country's dollar it is"
