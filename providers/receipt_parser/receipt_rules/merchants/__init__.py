"""Merchants: the seller's name, from the head of the receipt.

The name is among logos, slogans, stamps, registration numbers and addresses, sometimes on two
lines. Each row is scored by features that names have and addresses or slogans do not.
"""

import re
from dataclasses import dataclass
from statistics import median

from models import MAX_MERCHANT_CHARACTERS
from providers.merchant_names import is_markup
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.heads import (
    cells,
    customers_of,
    has_postcode,
    is_address,
    is_said_of_itself,
    is_sentence,
    is_title,
    names_customer,
    names_owner,
    names_seller,
    sender_of,
)
from providers.receipt_parser.receipt_rules.merchants.known import NOBODY, KnownMerchants
from providers.receipt_parser.receipt_rules.merchants.names import (
    LEGAL_FORM,
    clean_name,
    has_registration,
)
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.merchants.recognition import recognized
from providers.receipt_parser.receipt_rules.merchants.trade_words import (
    ALL_TRADE_WORDS,
    TRADE_WORDS,
)
from providers.receipt_parser.receipt_rules.rows import Box, Row, enclosing
from providers.receipt_parser.receipt_rules.vocabulary import fold

_HEAD_ROWS = 14
_MOST_ROWS_OF_A_NAME = 3
_TALL = 1.4
"""A name counts as printed large from this multiple of the receipt's median row height."""
_UNSURE = 0.8
_LEAST_CONFIDENCE = 0.5
_LEAST_MARGIN = 0.4
"""In points: how far the best name must be ahead of the next."""
_LEAST_LETTERS = 3
_FAR_DOWN = 5
"""The number of the row below which a name is rather something else."""
_OF_SOMETHING_ELSE = 0.35
"""Confidence in such a name."""
_BESIDE = 0.6
"""Points that a name loses by each column on its left."""
_LOWER = 0.45
"""Points that a name loses by each row above it."""
_CUSTOMER = 7.0
"""Points that a name loses where the customer's name stands."""
_TOWN = 2.0
"""Points that a name loses if it is below another and has a comma: a town and its country."""
_SENDER = 7.0
"""Points of a name that its place says is the seller's."""

_ADDRESS = re.compile(
    r"\b(JALAN|JLN|JL|LOT|NO ?\d|TAMAN|TMN|LORONG|PERSIARAN|LEBUH|BANDAR|KAMPUNG|LEVEL|FLOOR|FLR"
    r"|BLOCK|BLK|UNIT|STREET|ROAD|AVENUE|MALL|PLAZA|WISMA|MENARA|SELANGOR|JOHOR|KUALA LUMPUR"
    r"|\w*STR(ASSE)?|\w*WEG|\w*PLATZ|\w*ALLEE)\b|\b\d{5}\b|^[A-Z]{1,2} ?\d{2,}\b"
)
_NOT_A_NAME = re.compile(
    r"\b(SIRET|SIREN|TVA|NIF|CIF|P IVA|PARTITA|NIP|ORG NR|CVR|KVK|BTW|ABN|RFC|CUIT|CNPJ|HST|GSTIN"
    r"|MOMS|MVA|ALV|ICO|DIC|KDV|UID|STEUER\w*|TELEFON\w*|TLF|TELEF|SERVER|KASSE|CAISSE|CAJA|CASSA"
    r"|KASSA|MACHINE|PUMP|KELNER|BEDIENER|SERVEUR|CUSTOMER NAME|GUEST NAME|SEITE|PAGE|FECHA|TARIH"
    r"|DATA"
    r"|HEURE|STUECK|DESCRIPCION|DESCRIZIONE)\b|\b(TAX INVOICE|INVOICE|RECEIPT|RESIT"
    r"|CASH BILL|BILL|TEL|TEI|FAX|PHONE|MOBILE|GST|SST|VAT"
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


@dataclass
class _Candidate:
    name: str
    rows: tuple[Row, ...]
    score: float
    index: int = 0


def find_merchant(rows: list[Row], known: KnownMerchants = NOBODY) -> MerchantReading | None:
    """Return the merchant, or None if the head of the receipt has no name.

    One that the user has confirmed before is called as it was then, and is no doubt.
    """
    head = _head(rows)
    customers = customers_of(rows[: len(head) + 1])
    read = _most_likely(head, rows, customers)
    return recognized(read, head, customers, known)


def _most_likely(head: list[Row], rows: list[Row], customers: set[Box]) -> MerchantReading | None:
    candidates = [found for index in range(len(head)) for found in _names_at(index, head, rows)]
    for candidate in candidates:
        if any(row.box in customers for row in candidate.rows):
            candidate.score -= _CUSTOMER
    candidates += _senders(head)
    ranked = sorted(candidates, key=lambda candidate: candidate.score, reverse=True)
    if not ranked or ranked[0].score <= 0:
        return None
    best = ranked[0]
    lines = tuple(line for row in best.rows for line in row.lines)
    name = best.name[:MAX_MERCHANT_CHARACTERS]
    confidence = min(0.98, 0.3 + 0.08 * best.score)
    is_rivalled = any(
        best.score - other.score < _LEAST_MARGIN and not _is_same(best.name, other.name)
        for other in ranked[1:]
    )
    is_far_down = best.index > _FAR_DOWN and not LEGAL_FORM.search(name.upper())
    if is_far_down:
        confidence = min(confidence, _OF_SOMETHING_ELSE)
    is_doubtful = confidence < _LEAST_CONFIDENCE or is_rivalled or is_markup(name)
    return MerchantReading(
        name,
        confidence=confidence,
        box=enclosing(lines),
        page=lines[0].page,
        doubt=f"{name} may not be the merchant" if is_doubtful else None,
    )


def _is_same(one: str, other: str) -> bool:
    """Return whether a name is a part of the other, such as without its legal form."""
    shorter, longer = sorted((fold(one).replace(" ", ""), fold(other).replace(" ", "")), key=len)
    return shorter in longer


def _senders(head: list[Row]) -> list[_Candidate]:
    """Return the names of senders' lines, and those that a label says are the seller's."""
    found = []
    for index, row in enumerate(head):
        name = sender_of(row.text)
        if (
            name
            and _may_be_name(clean_name(name), Row(row.lines[:1]))
            and not is_address(fold(name))
        ):
            found.append(_Candidate(clean_name(name), (row,), _SENDER - _LOWER * index))
        parts = cells(row)
        for number, part in enumerate(parts):
            words = names_seller(part.label)
            if not words:
                continue
            beside = " ".join(part.text.replace(":", " ").split()[words:])
            after = parts[number + 1] if number + 1 < len(parts) else None
            if not beside and after and not names_customer(after.label):
                beside = after.text
            below = cells(head[index + 1])[0] if not beside and index + 1 < len(head) else part
            name = clean_name(beside or below.text)
            if sum(sign.isalpha() for sign in name) >= _LEAST_LETTERS:
                found.append(_Candidate(name, (below,), _SENDER))
    return found


def _head(rows: list[Row]) -> list[Row]:
    """Return the rows above the first item."""
    for index, row in enumerate(rows[:_HEAD_ROWS]):
        if index > 2 and _ENDS_HEAD.search(row.label):
            # The seller's name may stand beside the label of the customer's.
            has_seller = LEGAL_FORM.search(cells(row)[0].text.upper())
            return rows[: index + bool(has_seller)]
    return rows[:_HEAD_ROWS]


def _names_at(index: int, head: list[Row], rows: list[Row]) -> list[_Candidate]:
    """Return the row as a candidate, alone and joined with the next rows that continue it."""
    parts_of_row = cells(head[index])
    if len(parts_of_row) > 1:
        # Beside a name stand titles, dates and addresses.
        return [
            _Candidate(name, (part,), _score(name, index, (part,), rows) - _BESIDE * number, index)
            for number, part in enumerate(parts_of_row)
            if _may_be_name(name := clean_name(part.text), part)
            and not find_amounts(head[index].text)
        ]
    candidates: list[_Candidate] = []
    name = ""
    for end in range(index + 1, min(index + _MOST_ROWS_OF_A_NAME, len(head)) + 1):
        row = head[end - 1]
        part = clean_name(row.text)
        if not _may_be_name(part, row) or (name and not _goes_on(name, part, head[end - 2], row)):
            break
        name = f"{name} {part}".strip()
        parts = tuple(head[index:end])
        candidates.append(_Candidate(name, parts, _score(name, index, parts, rows), index))
    return candidates


def _may_be_name(part: str, row: Row) -> bool:
    letters = sum(sign.isalpha() for sign in part)
    digits = sum(sign.isdigit() for sign in part)
    if letters < 3 or digits > letters:
        return False
    label = row.label
    if (
        is_title(label)
        or names_seller(label)
        or names_owner(label)
        or is_said_of_itself(fold(part))
    ):
        return False
    if names_customer(label) and not LEGAL_FORM.search(part.upper()):
        return False
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
    score = 3.5 - _LOWER * index + 1.0 * (len(parts) - 1)
    is_somewhere = _is_place(name, label) or any(_is_street(row.label) for row in parts)
    if LEGAL_FORM.search(name.upper()):
        score += 4.0
    elif is_somewhere:
        score -= 4.0
    score -= _said_points(name, parts[0])
    if not is_somewhere and not ALL_TRADE_WORDS.isdisjoint(label.split()):
        score += 2.0
    if below is not None and (
        _ADDRESS.search(below.label) or is_address(below.label) or has_registration(below.text)
    ):
        score += 1.0
    if parts[-1].text.endswith(","):
        score -= 1.5
    elif index and "," in name and not LEGAL_FORM.search(name.upper()):
        score -= _TOWN
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


def _said_points(name: str, first: Row) -> float:
    """Return the points to take from a text that says more than a name."""
    points = 3.0 if is_sentence(name) else 0.0
    if names_customer(first.label):
        points += 4.0
    return points + (4.0 if sender_of(first.text) else 0.0)


def _is_place(name: str, label: str) -> bool:
    """Return whether it is an address: ``Rowan Street Books`` has the words of one, and is none."""
    found = _ADDRESS.search(label)
    if not found:
        return False
    if "," in name or any(sign.isdigit() for sign in label):
        return True
    is_inside = found.start() > 0 and found.end() < len(label)
    return not is_inside and ALL_TRADE_WORDS.isdisjoint(label.split()[-1:])


def _is_street(label: str) -> bool:
    """Return whether it is an address, and not a shop that has one in its name."""
    if not is_address(label):
        return False
    return ALL_TRADE_WORDS.isdisjoint(label.split()[:1]) or has_postcode(label)


def _is_repeated(name: str, index: int, parts: tuple[Row, ...], rows: list[Row]) -> bool:
    """Return whether the name is printed again, such as in a URL or on a card slip."""
    letters = fold(name).replace(" ", "")
    others = [*rows[:index], *rows[index + len(parts) :]]
    return len(letters) >= 4 and any(letters in row.label.replace(" ", "") for row in others)
