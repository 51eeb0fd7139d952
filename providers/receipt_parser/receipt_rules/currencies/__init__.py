"""Currencies: the currency of a receipt, by its code, its sign, or the country.

What is printed beside the amounts decides. A dollar sign alone does not name a currency, nor do
``kr`` and ``Rs``: then the clues to the country decide, or a person.
"""

from collections import Counter
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.currencies.countries import country_clues
from providers.receipt_parser.receipt_rules.currencies.dollars import dollar_doubt
from providers.receipt_parser.receipt_rules.currencies.printed import (
    printed_currencies,
)
from providers.receipt_parser.receipt_rules.currencies.signs import DOLLAR, USUALLY, WITH_SIGN
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import Row

_CLOSE = 0.5
"""Share of the points of the first from which a second currency is a doubt."""


@dataclass(frozen=True)
class CurrencyReading(Reading):
    """The currency as an ISO 4217 code."""

    code: str


def find_currency(rows: list[Row], default: str | None) -> CurrencyReading | None:
    """Return the currency of the receipt, or None if nothing tells.

    ``default`` is used if the receipt names no currency and has no clue to a country; without a
    default, a lone dollar sign then counts as USD.
    """
    points, of_totals = printed_currencies(rows)
    clues = country_clues(rows)
    for sign, meant in WITH_SIGN.items():
        named = [code for code in points if code in meant]
        if points[sign] and named:  # 12.30 $ (USD) means one thing
            code = max(named, key=lambda one: points[one])
            points[code] += points.pop(sign)
            of_totals = {code if one == sign else one for one in of_totals}
    points = +points
    if not points:
        return _by_country(clues, default)
    code, most = points.most_common(1)[0]
    if code in WITH_SIGN:
        return _by_sign(code, clues, rows, default)
    rivals = [other for other in points if other != code and points[other] >= _CLOSE * most]
    others = sorted({*rivals, *(of_totals - {code})})
    if others:
        doubt = f"the currency may be {code} or {', '.join(others)}"
        return CurrencyReading(code, confidence=0.6, doubt=doubt)
    return CurrencyReading(code, confidence=0.95)


def _by_country(clues: Counter[str], default: str | None) -> CurrencyReading | None:
    """Return the currency of a receipt that prints none."""
    if not clues:
        return None if default is None else CurrencyReading(default, confidence=0.5)
    (code, most), *others = clues.most_common(2)
    if others and others[0][1] == most:
        doubt = f"the currency may be {code} or {others[0][0]}"
        return CurrencyReading(code, confidence=0.4, doubt=doubt)
    return CurrencyReading(code, confidence=0.8 if most > 1 else 0.6)


def _by_sign(
    sign: str, clues: Counter[str], rows: list[Row], default: str | None
) -> CurrencyReading | None:
    """Return the currency of a receipt that prints a sign of several."""
    fitting = Counter({code: clues[code] for code in clues if code in WITH_SIGN[sign]})
    if fitting:
        return _by_country(fitting, default)
    if default is not None and default in WITH_SIGN[sign]:
        return CurrencyReading(default, confidence=0.5)
    usual = USUALLY.get(sign)
    if usual is None:
        codes = ", ".join(sorted(WITH_SIGN[sign]))
        return CurrencyReading(min(WITH_SIGN[sign]), confidence=0.3, doubt=f"{sign} may be {codes}")
    doubt = dollar_doubt(rows) if sign == DOLLAR else None
    return CurrencyReading(usual, confidence=0.4, doubt=doubt)
