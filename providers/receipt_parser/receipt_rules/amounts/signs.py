"""What stands right beside an amount: codes and signs of currencies, and units of other things."""

from models import DIGITS

CODES = "|".join(sorted(DIGITS))
SIGNS = (
    "$\u20ac\u00a3\u00a5\uffe5\u20b9\u20a9\u20ab\u20aa\u20ba\u20bd\u20b1\u20a6\u0e3f\u20b4\u20b8"
)
BEFORE = (
    rf"(?:RM|(?<![A-Za-z])(?:{CODES}|RP|Rp\.?|Rs\.?|S?Fr\.|TL|[Kk]r\.?|[KBJ]\.?D\.?|D\.?T\.?|R"
    rf"|(?:US|AU|CA|NZ|HK|NT|MX|[SACR])\$)|[{SIGNS}])"
)
"""A regular expression, as the next ones."""
BEHIND = (
    rf"(?:(?:{CODES}|EURO?S?|[Kk]r|K\u010d|Kc|z\u0142|zl|Ft|TL|[Ll]ei|Fr|Baht)(?![A-Za-z])\.?"
    rf"|[{SIGNS}\u5186\uc6d0])"
)
UNITS = r"kg|KG|Kg|g|gr|ml|ML|cl|cm|mm|km|l|L|ltr|LTR|gal|GAL|G|lbs?|LBS?|oz|OZ|kWh|m3|pcs|PCS"
