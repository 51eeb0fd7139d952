"""Merchants: the seller's name, from the head of the receipt.

The name is among logos, slogans, stamps, registration numbers and addresses, sometimes on two
lines. Each row is scored by features that names have and addresses or slogans do not.
"""

import re
from dataclasses import dataclass
from statistics import median

from models import MAX_MERCHANT_CHARACTERS
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.names import (
    LEGAL_FORM,
    clean_name,
    has_registration,
)
from providers.receipt_parser.receipt_rules.merchants.trade_words import TRADE_WORDS
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import Row, enclosing
from providers.receipt_parser.receipt_rules.vocabulary import fold

_HEAD_ROWS = 14
_MOST_ROWS_OF_A_NAME = 3
_TALL = 1.4
"""A name counts as printed large from this multiple of the receipt's median row height."""
_UNSURE = 0.8
_LEAST_CONFIDENCE = 0.5

_ADDRESS = re.compile(
    r"\b(JALAN|JLN|LOT|NO ?\d|TAMAN|TMN|LORONG|PERSIARAN|LEBUH|BANDAR|KAMPUNG|LEVEL|FLOOR|FLR"
    r"|BLOCK|BLK|UNIT|STREET|ROAD|AVENUE|MALL|PLAZA|WISMA|MENARA|SELANGOR|JOHOR|KUALA LUMPUR"
    r"|\w*STR(ASSE)?|\w*WEG|\w*PLATZ|\w*ALLEE)\b|\b\d{5}\b|^[A-Z]{1,2} ?\d{2,}\b"
)
_NOT_A_NAME = re.compile(
    r"\b(TAX INVOICE|INVOICE|RECEIPT|RESIT|CASH BILL|BILL|TEL|TEI|FAX|PHONE|MOBILE|GST|SST|VAT"
    r"|REG|DATE|TIME|CASHIER|TABLE|ORDER|DOC|TERMINAL|COUNTER|WELCOME|THANK|THANKYOU|VISIT|WWW"
    r"|HTTP|HTTPS|EMAIL|E MAIL|CO NO|COMPANY NO|OPENING|HOURS|COPY|REPRINT|DUPLICATE|QTY"
    r"|DESCRIPTION|ITEM|PRICE|AMOUNT|TOTAL|QUITTUNG|BELEG|RECHNUNG|DATUM|UHR|EUR|MEMBER"
    r"|OWNED BY|CUSTOMER|BILL TO|FRANCHISEE)\b|OEFFNUNGSZEITEN"
)
_ENDS_HEAD = re.compile(
    r"\b(TAX INVOICE|QTY|DESCRIPTION|CASHIER|BILL TO|SUB ?TOTAL|TOTAL|INVOICE NO|RECEIPT NO)\b"
)
_CONTINUATION = re.compile(
    r"(CO\.?\b|SDN|BHD|S/B|\(\w+\)? ?SDN|ENTERPRISE|TRADING|GMBH|MARKETING)", re.I
)


@dataclass(frozen=True)
class MerchantReading(Reading):
    """The merchant's name."""

    name: str


@dataclass
class _Candidate:
    name: str
    rows: tuple[Row, ...]
    score: float


def find_merchant(rows: list[Row]) -> MerchantReading | None:
    """Return the merchant, or None if the head of the receipt has no name."""
    head = _head(rows)
    candidates = [found for index in range(len(head)) for found in _names_at(index, head, rows)]
    best = max(candidates, key=lambda candidate: candidate.score, default=None)
    if best is None or best.score <= 0:
        return None
    lines = tuple(line for row in best.rows for line in row.lines)
    name = best.name[:MAX_MERCHANT_CHARACTERS]
    confidence = min(0.98, 0.3 + 0.08 * best.score)
    return MerchantReading(
        name,
        confidence=confidence,
        box=enclosing(lines),
        page=lines[0].page,
        doubt=f"{name} may not be the merchant" if confidence < _LEAST_CONFIDENCE else None,
    )


def _head(rows: list[Row]) -> list[Row]:
    """Return the rows above the first item."""
    for index, row in enumerate(rows[:_HEAD_ROWS]):
        if index > 2 and _ENDS_HEAD.search(row.label):
            return rows[:index]
    return rows[:_HEAD_ROWS]


def _names_at(index: int, head: list[Row], rows: list[Row]) -> list[_Candidate]:
    """Return the row as a candidate, alone and joined with the next rows that continue it."""
    candidates: list[_Candidate] = []
    name = ""
    for end in range(index + 1, min(index + _MOST_ROWS_OF_A_NAME, len(head)) + 1):
        row = head[end - 1]
        part = clean_name(row.text)
        if not _may_be_name(part, row) or (name and not _goes_on(name, part, head[end - 2], row)):
            break
        name = f"{name} {part}".strip()
        parts = tuple(head[index:end])
        candidates.append(_Candidate(name, parts, _score(name, index, parts, rows)))
    return candidates


def _may_be_name(part: str, row: Row) -> bool:
    letters = sum(sign.isalpha() for sign in part)
    digits = sum(sign.isdigit() for sign in part)
    if letters < 3 or digits > letters:
        return False
    label = row.label
    if LEGAL_FORM.search(part.upper()):
        return "FORMERLY" not in label
    if part.startswith("(") or find_amounts(row.text):
        return False
    return not _NOT_A_NAME.search(label)


def _goes_on(name: str, part: str, above: Row, row: Row) -> bool:
    """Return whether the name continues on the next row, such as with its legal form."""
    if not 0.6 < max(row.height, 1) / max(above.height, 1) < 1.7:  # a box may be flat
        return False
    if name.count("(") > name.count(")"):
        return True
    if LEGAL_FORM.search(name.upper()):
        return False
    if _CONTINUATION.match(part):
        return True
    # A trade word alone (RESTAURANT, SHOP) is not a name, but part of the one in the next row.
    lacks = name.endswith("&") or _is_trade_only(name) != _is_trade_only(part)
    return lacks and not _ADDRESS.search(fold(part)) and not LEGAL_FORM.search(part.upper())


def _is_trade_only(name: str) -> bool:
    return TRADE_WORDS.issuperset(word for word in fold(name).split() if word != "&")


def _score(name: str, index: int, parts: tuple[Row, ...], rows: list[Row]) -> float:
    label = fold(name)
    below = rows[index + len(parts)] if index + len(parts) < len(rows) else None
    score = 3.5 - 0.45 * index + 1.0 * (len(parts) - 1)
    if LEGAL_FORM.search(name.upper()):
        score += 4.0
    elif _ADDRESS.search(label):
        score -= 4.0
    if not TRADE_WORDS.isdisjoint(label.split()):
        score += 2.0
    if below is not None and (_ADDRESS.search(below.label) or has_registration(below.text)):
        score += 1.0
    if parts[-1].text.endswith(","):
        score -= 1.5
    if has_registration(parts[-1].text):
        score += 1.0
    if parts[0].height > _TALL * median(row.height for row in rows):
        score += 1.0
    if _is_repeated(name, index, parts, rows):
        score += 1.0
    if min(line.confidence for row in parts for line in row.lines) < _UNSURE:
        score -= 1.5
    if len(label) < 4 or sum(sign.isdigit() for sign in name) > 3:
        score -= 2.0
    if name.endswith(("?", "!")) or name.islower():
        score -= 1.0
    return score


def _is_repeated(name: str, index: int, parts: tuple[Row, ...], rows: list[Row]) -> bool:
    """Return whether the name is printed again, such as in a URL or on a card slip."""
    letters = fold(name).replace(" ", "")
    others = [*rows[:index], *rows[index + len(parts) :]]
    return len(letters) >= 4 and any(letters in row.label.replace(" ", "") for row in others)
