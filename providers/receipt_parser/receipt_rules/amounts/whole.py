"""Amounts of currencies without decimals, such as yen: plain numbers, as so much on a receipt is.

A number is taken for an amount next to a currency, with its thousands set apart, or where amounts
stand: at the end of a line, unless what stands before it says that it is a number of something.
"""

import re

from models import DIGITS

_CODES = "|".join(code for code, digits in DIGITS.items() if digits == 0)
_CURRENCY = rf"(?:{_CODES}|F\s?CFA|Rp\.?|[\u00a5\uffe5\u20a9\u20ab$])"
_UNIT = rf"(?:\s?(?:{_CODES}|F\s?CFA|F\b|[\u5186\uc6d0\u20ab\u00a5\uffe5]|yen\b|Ft\b|\u0111\b))"
"""What stands behind an amount: a code, or the sign for francs, yen, won, dong or forints."""
_BLANKS = r"[1-9]\d{0,2}(?:\ \d{3}){1,2}"
"""A number with a blank before each thousand."""

WHOLE = re.compile(
    rf"""
    (?<![\d.,':/\#@-])(?<!\d\*)             # not inside a longer number, nor a price by the piece
    (?P<sign>-{{1,2}}\s?)?
    (?:
        (?P<currency>{_CURRENCY})\s?
        | (?=\d{{1,3}}(?:[.,']\d{{3}})+(?!\d))   # thousands set apart
        | (?=[\d.,']+{_UNIT}|{_BLANKS}{_UNIT})
        # at the end of a line, but not the end of a phone number, nor "No. 12"
        | (?<![A-Za-z\d])(?<!\d\s)
          (?<!\bno\s)(?<!\bno\.\s)(?<!\bnr\s)(?<!\bnr\.\s)(?<!\btel\s)(?<!\btel:\s)(?<!\bid\s)
          (?=(?:[1-9]\d{{0,6}}|{_BLANKS})-?\s*$)
    )
    (?P<inner_sign>-)?
    (?P<whole>\d{{1,3}}'\d{{3}}(?:[.,]\d{{3}})+|\d{{1,3}}(?:(?P<group>[.,'])\d{{3}})(?:(?P=group)\d{{3}})*
        |{_BLANKS}(?=-?\s*$|{_UNIT})|\d{{1,9}})
    (?:[.,]00(?!\d))?                         # some tills print decimals that the currency lacks
    {_UNIT}?
    (?P<after>-(?!\d))?
    (?![\dO]|[.,:/-]\d|\s?%|\s?[xX\u00d7]\s?\d|\s?(?:kg|ml|cm|mm|l|g)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
