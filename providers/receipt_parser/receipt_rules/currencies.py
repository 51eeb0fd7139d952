"""Currencies: the currency of a receipt, by its code, its symbol, or the country.

A dollar sign alone does not name a currency, because tills in Malaysia print it too. Then the
clues to the country decide.
"""

import re
from collections import Counter
from dataclasses import dataclass

from models import DIGITS
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import Row

_CODES = re.compile(
    r"(?<![A-Za-z])(EUR|USD|GBP|CHF|MYR|SGD|AUD|CAD|NZD|HKD|THB|IDR|PHP|INR|JPY|CNY|SEK|NOK|DKK"
    r"|PLN|CZK|HUF|TRY|ZAR|AED|BRL|MXN)(?![A-Za-z])"
)


def _beside(amount: str, digits: int) -> re.Pattern[str]:
    codes = "|".join(code for code, known in DIGITS.items() if known == digits and code != "JPY")
    return re.compile(
        rf"(?<![A-Za-z])({codes})(?=[\s):]{{0,4}}{amount}(?![\d.,]))"
        rf"|(?<=\d)\s?({codes})(?![A-Za-z])"
    )


_CODES_BESIDE_AMOUNTS = (
    # Others name a currency only there: BHD is a dinar, and in the name of any Malaysian company.
    _beside(r"\d[\d.,]*", 0),
    _beside(r"\d[\d,]*\.\d{3}", 3),
)
_SYMBOLS = (
    (re.compile(r"(?<![A-Za-z])RM(?=\s?[\dO.]|[\s):]|$)"), "MYR"),
    (re.compile(r"€|\bEURO\b", re.I), "EUR"),
    (re.compile(r"£"), "GBP"),
    (re.compile(r"S\$"), "SGD"),
    (re.compile(r"US\$"), "USD"),
    (re.compile(r"(?<![A-Za-z])(?:SFr|Fr)\.(?=\s?\d)"), "CHF"),
    # Yen and yuan share a sign, but yen have no decimals.
    (re.compile(r"\u5186|[\u00a5\uffe5]\s?\d+(?:[.,]\d{3})*(?![\d.,])"), "JPY"),
    (re.compile(r"[\u00a5\uffe5]\s?\d+(?:,\d{3})*\.\d{2}(?!\d)"), "CNY"),
    (re.compile(r"\u20a9|\uc6d0"), "KRW"),
    (re.compile(r"\u20ab"), "VND"),
    (re.compile(r"(?<![A-Za-z])K\.?D\.?(?=\s{0,3}\d+\.\d{3}(?!\d))"), "KWD"),
)
_DOLLAR = re.compile(r"(?<![A-Z])\$\s?\d")
_COUNTRIES = (
    (
        re.compile(
            r"\bMALAYSIA\b|SDN\.? ?BHD|\bJALAN\b|\bJLN\b|SELANGOR|KUALA LUMPUR|\bJOHOR\b|\bPENANG\b"
            r"|\+60[1-9]\d|\bGST.{0,15}\b00\d{10}\b",
            re.I,
        ),
        "MYR",
    ),
    (
        re.compile(r"\bMWST\b|\bUST\b|STEUERNUMMER|\bDE ?\d{9}\b|\bGMBH\b|STRASSE|STRAßE", re.I),
        "EUR",
    ),
    (re.compile(r"\bSINGAPORE\b|\bPTE\.? LTD", re.I), "SGD"),
    (re.compile(r"\bVAT\b.*\bGB\b|\bUNITED KINGDOM\b|\bLONDON\b", re.I), "GBP"),
    (re.compile(r"\bAUSTRALIA\b|\bABN\b|\bPTY\b", re.I), "AUD"),
    (re.compile(r"\bSALES TAX\b|\bUSA\b|\b[A-Z]{2} \d{5}(?:-\d{4})?\b"), "USD"),
)
_WITHOUT_HUNDREDTHS = (
    (re.compile(r"\bJAPAN\b", re.I), "JPY"),
    (re.compile(r"\bKOREA\b", re.I), "KRW"),
    (re.compile(r"\bVIET ?NAM\b", re.I), "VND"),
    (re.compile(r"\bICELAND\b", re.I), "ISK"),
    (re.compile(r"\bCHILE\b", re.I), "CLP"),
    (re.compile(r"\bKUWAIT\b", re.I), "KWD"),
    (re.compile(r"\bBAHRAIN\b", re.I), "BHD"),
    (re.compile(r"\bOMAN\b", re.I), "OMR"),
    (re.compile(r"\bTUNISI[AE]\b", re.I), "TND"),
)
"""Countries that count only where nothing on the receipt has hundredths: elsewhere they are in the
name of a restaurant, or of what it serves."""


@dataclass(frozen=True)
class CurrencyReading(Reading):
    """The currency as an ISO 4217 code."""

    code: str


def find_currency(rows: list[Row], default: str | None) -> CurrencyReading | None:
    """Return the currency of the receipt, or None if nothing tells.

    ``default`` is used if the receipt names no currency and has no clue to a country; without a
    default, a lone dollar sign then counts as USD.
    """
    votes: Counter[str] = Counter()
    for row in rows:
        votes.update(_CODES.findall(row.text))
        votes.update(
            before or behind
            for beside in _CODES_BESIDE_AMOUNTS
            for before, behind in beside.findall(row.text)
        )
        votes.update(code for symbol, code in _SYMBOLS if symbol.search(row.text))
    if votes:
        (code, count), *others = votes.most_common(2)
        rivals = others[0][1] if others else 0
        return CurrencyReading(code, confidence=0.95 if count > rivals else 0.6)
    text = "\n".join(row.text for row in rows)
    clues: tuple[tuple[re.Pattern[str], str], ...] = _COUNTRIES
    if not any(find_amounts(row.text) for row in rows):
        clues += _WITHOUT_HUNDREDTHS
    countries = Counter({code: len(clue.findall(text)) for clue, code in clues})
    code, count = countries.most_common(1)[0]
    if count:
        return CurrencyReading(code, confidence=0.8 if count > 1 else 0.6)
    if default is not None:
        return CurrencyReading(default, confidence=0.5)
    if _DOLLAR.search(text):
        return CurrencyReading("USD", confidence=0.4)
    return None
