"""Candidates: the rows of a head that may be the seller's name, alone and joined with the next."""

import re
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.evidence import ADDRESS, Evidence
from providers.receipt_parser.receipt_rules.merchants.heads import cells, is_address, sender_of
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
from providers.receipt_parser.receipt_rules.merchants.words.headings import is_heading
from providers.receipt_parser.receipt_rules.merchants.words.labels import (
    greets,
    is_numbered,
    is_said_of_itself,
    names_customer,
    names_owner,
    names_seller,
    names_seller_on_top,
    tells_whose,
)
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import has_legal_form
from providers.receipt_parser.receipt_rules.merchants.words.titles import is_title
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import (
    has_trade_word,
    is_trade_word,
)
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

_HEAD_ROWS = 14
_MOST_ROWS_OF_A_NAME = 3
_LEAST_LETTERS = 3
_BESIDE = 0.6
"""Points that a name loses by each column on its left."""
_SENDER = 7.0
"""Points of a name that its place says is the seller's."""
_TOP = 3
"""The number of the last row in which an app names the seller."""
_GREETING = 5.0
"""Points of a name that a greeting says is the shop's, or its town's."""
_SENDER_LOWER = 0.45
"""Points that a sender's line loses by each row above it."""
_NOT_A_NAME = re.compile(
    r"\b(SIRET|SIREN|TVA|NIF|CIF|P IVA|PARTITA|NIP|ORG NR|CVR|KVK|BTW|ABN|RFC|CUIT|CNPJ|HST|GSTIN"
    r"|MOMS|MVA|ALV|ICO|DIC|KDV|UID|STEUER\w*|TELEFON\w*|TLF|TELEF|SERVER|KASSE|CAISSE|CAJA|CASSA"
    r"|KASSA|MACHINE|PUMP|KELNER|BEDIENER|SERVEUR|CUSTOMER NAME|GUEST NAME|SEITE|PAGE|FECHA|TARIH"
    r"|DATA"
    r"|HEURE|STUECK|RECHNUNGSDATUM|ANREISE|ABREISE|ZIMMER|\w{2,5} (ID|NO|NR) [\dO]{5,}|DESCRIPCION"
    r"|DESCRIZIONE)\b|\b(TAX INVOICE|INVOICE|RECEIPT|RESIT"
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
_BETWEEN = frozenset(["&", "AND", "UND", "ET", "Y", "E", "EN", "OG", "OCH"])
_AND = re.compile(r"[&+] ?\w|(AND|UND|ET) \w", re.I)
_BEFORE_NAMES = (names_seller, names_seller_on_top, greets, names_owner)


@dataclass
class Candidate:
    """What may be the name, with its points and the number of its row."""

    name: str
    rows: tuple[Row, ...]
    score: float
    index: int = 0


def senders(head: list[Row], evidence: Evidence) -> list[Candidate]:
    """Return the names of senders' lines, and those that a label says are the seller's."""
    found = []
    for index, row in enumerate(head):
        name = sender_of(row.text)
        if (
            name
            and may_be_name(clean_name(name), Row(row.lines[:1]))
            and not is_address(fold(name))
        ):
            found.append(Candidate(clean_name(name), (row,), _SENDER - _SENDER_LOWER * index))
        parts = cells(row)
        for number, part in enumerate(parts):
            words, points = _told(part.label, index, evidence.places[index])
            if not words:
                continue
            beside = " ".join(part.text.replace(":", " ").split()[words:])
            after = parts[number + 1] if number + 1 < len(parts) else None
            if not beside and after and not _is_of_paper(after):
                beside = after.text
            below = cells(head[index + 1])[0] if not beside and index + 1 < len(head) else part
            name = clean_name(beside or below.text)
            if sum(sign.isalpha() for sign in name) >= _LEAST_LETTERS:
                found.append(Candidate(name, (below,), points))
    return found


def _told(label: str, index: int, place: int) -> tuple[int, float]:
    """Return how many words stand before the seller's name, and the points of what follows."""
    if words := names_seller(label):
        return words, _SENDER
    if index > _TOP or place:
        return 0, 0.0
    if words := names_seller_on_top(label):
        return words, _SENDER
    return greets(label), _GREETING


def _is_of_paper(part: Row) -> bool:
    """Return whether what stands beside a label is another one, or a title with its number."""
    return (
        names_customer(part.label)
        or sum(sign.isdigit() for sign in part.text) >= _LEAST_LETTERS
        or is_said_of_itself(part.label)
        or is_title(" ".join(part.label.split()[:1]), part.text)
    )


def head_of(rows: list[Row]) -> list[Row]:
    """Return the rows above the first item."""
    for index, row in enumerate(rows[:_HEAD_ROWS]):
        if index > 2 and _ENDS_HEAD.search(row.label):
            # The seller's name may stand beside the label of the customer's.
            has_seller = has_legal_form(cells(row)[0].text)
            return rows[: index + bool(has_seller)]
    return rows[:_HEAD_ROWS]


def names_at(index: int, head: list[Row], evidence: Evidence) -> list[Candidate]:
    """Return the row as a candidate, alone and joined with the next rows that continue it."""
    parts_of_row = cells(head[index])
    if len(parts_of_row) > 1:
        # Beside a name stand titles, dates and addresses.
        return [
            Candidate(
                name, (part,), evidence.points(name, index, (part,)) - _BESIDE * number, index
            )
            for number, part in enumerate(parts_of_row)
            if may_be_name(name := clean_name(part.text), part)
            and not find_amounts(head[index].text)
        ]
    candidates: list[Candidate] = []
    name = ""
    for end in range(index + 1, min(index + _MOST_ROWS_OF_A_NAME, len(head)) + 1):
        row = head[end - 1]
        part = clean_name(row.text)
        if not may_be_name(part, row) or (name and not _goes_on(name, part, head[end - 2], row)):
            break
        name = f"{name} {part}".strip()
        parts = tuple(head[index:end])
        candidates.append(Candidate(name, parts, evidence.points(name, index, parts), index))
    return candidates


def may_be_name(part: str, row: Row) -> bool:
    """Return whether a text, cleaned from a row, may be a name, for all that its words tell."""
    letters = sum(sign.isalpha() for sign in part)
    digits = sum(sign.isdigit() for sign in part)
    if letters < _LEAST_LETTERS - (not part.isascii()) or digits > letters:
        return False
    label, own = row.label, fold(part)
    is_company = has_legal_form(part)
    is_none = is_title(label, row.text) or is_heading(label, row.text)
    if is_none or any(told(label) for told in _BEFORE_NAMES):
        return False
    if is_said_of_itself(own) or (is_numbered(own) and not has_trade_word(own.partition(" ")[2])):
        return False
    if is_company:
        return "FORMERLY" not in label
    if names_customer(label) or part.startswith("(") or find_amounts(row.text):
        return False
    return not _NOT_A_NAME.search(label) or _is_of_two(label)


def _is_of_two(label: str) -> bool:
    """Return whether two words are joined to a shop's name, as in ``Page & Quill Booksellers``."""
    has_digit = any(sign.isdigit() for sign in label)
    return " & " in label and has_trade_word(label) and not has_digit


def _goes_on(name: str, part: str, above: Row, row: Row) -> bool:
    """Return whether the name continues on the next row, such as with its legal form."""
    if not 0.6 < max(row.height, 1) / max(above.height, 1) < 1.7:  # a box may be flat
        return False
    if name.count("(") > name.count(")") or _AND.match(part):
        return True
    if has_legal_form(name):
        return False
    if _CONTINUATION.match(part):
        return True
    # A trade word alone (RESTAURANT, SHOP) is not a name, but part of the one in the next row.
    lacks = name.endswith("&") or _is_trade_only(name) != _is_trade_only(part)
    is_other = ADDRESS.search(fold(part)) or has_legal_form(part) or part[0].islower()
    return lacks and not is_other and not tells_whose(fold(part), part)


def _is_trade_only(name: str) -> bool:
    words = [word for word in fold(name).split() if word not in _BETWEEN]
    return bool(words) and all(map(is_trade_word, words))
