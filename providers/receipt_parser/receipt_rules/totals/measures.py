"""Measures: a total that is so many litres, hours or kilograms at a price for one.

A filling station prints ``32.50 L`` and ``Price/Litre 880.00`` in rows of their own, and nothing
else that adds up to the amount.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import islice

from providers.receipt_parser.receipt_rules.rows import Row

_UNIT = (
    r"(?:L|LT|LTRS?|LIT(?:RE|ER|RO|RI|R)S?|KWH|KG|GAL(?:LONS?)?|HRS?|HOURS?|STD|STUNDEN?|H|M3|CBM"
    r"|\u041b|SQM|M2|MIN|KM)"
)
_PRICE_OF_ONE = re.compile(
    rf"/\s?{_UNIT}\b|\bPER {_UNIT}\b"
    r"|\b(?:UNIT PRICE|PRICE|PPU|RATE|PREIS|PRIX|PRECIO|PREZZO|PRECO|PRIJS|PRIS|HINTA|CENA|HARGA"
    r"|TARIFA|TARIFFA|BIRIM FIYATI?|FIYATI?|EGYSEGAR|STUECKPREIS|LITERPREIS|PRET|CIJENA)\b"
)
_NUMBER = r"(?<![\d.,:/-])(\d{1,3}(?:[.,' ]\d{3})*[.,]\d{1,4}|\d{1,6})"
_MEASURED = re.compile(rf"{_NUMBER}\s?{_UNIT}\b")
_TIMES_A_PRICE = re.compile(rf"{_UNIT}\b\s?[X@\u00d7*]\s?(?:[A-Z]{{1,3}}|[^\w\s])?\s?\d")
_NAMES_A_MEASURE = re.compile(
    r"\b(?:VOLUME|VOL|QTY|QUANTITY|LIT(?:RE|ER|RO|RI)S?|MENGE|QUANTITE|CANTIDAD|QUANTITA"
    r"|QUANTIDADE|HOEVEELHEID|MAENGDE|MAENGD|MAERAE|ILOSC|MNOZSTVI|MENNYISEG|MIKTAR|CANTITATE"
    r"|KOLICINA|HOURS|STUNDEN|WEIGHT|GEWICHT)\b"
)
_ANY = re.compile(rf"{_NUMBER}(?![\d.,:/%-])")
_LONGEST = 100
"""In characters of a row that are looked at."""
_MOST = 6
"""Of the measures, and of the prices."""


def measured_amounts(rows: list[Row], digits: int) -> frozenset[int]:
    """Return the products of each measure and each price of one, in minor units."""
    texts = [(row.text[:_LONGEST].upper(), row.label[:_LONGEST]) for row in rows]
    measures = list(islice(_measures(texts), _MOST))
    prices = list(islice(_prices(texts), _MOST))
    unit = Decimal(1).scaleb(-digits)
    products = (measure * price for measure in measures for price in prices)
    return frozenset(
        int(product.quantize(unit, rounding).scaleb(digits))
        for product in products
        for rounding in (ROUND_HALF_UP, ROUND_DOWN)
    )


def _measures(texts: list[tuple[str, str]]) -> Iterator[Decimal]:
    for text, label in texts:
        found = _MEASURED.findall(text)
        if not found and _NAMES_A_MEASURE.search(label):
            found = _ANY.findall(text)
        for number in found[:_MOST]:
            yield from _readings(number)


def _prices(texts: list[tuple[str, str]]) -> Iterator[Decimal]:
    for text, label in texts:
        if any(map(_PRICE_OF_ONE.search, (text, label))) or _TIMES_A_PRICE.search(text):
            for number in _ANY.findall(_MEASURED.sub(" ", text))[:_MOST]:
                yield from _readings(number)


def _readings(number: str) -> Iterator[Decimal]:
    """Yield what a number may be: three digits behind its only sign are thousandths, or thousands.

    One is no measure and no price that proves anything.
    """
    *groups, last = re.split(r"[.,' ]", number)
    if not groups:
        readings = {Decimal(last)}
    else:
        readings = {Decimal(f"{''.join(groups)}.{last}")}
        if len(last) == 3:
            readings.add(Decimal("".join((*groups, last))))
    yield from (each for each in sorted(readings) if each not in (0, 1))
