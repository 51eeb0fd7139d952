"""Merchants: who sold, from the head of the receipt.

The name stands among logos, slogans, registration numbers and addresses, sometimes over
two lines, and OCR misreads its last words most: those are the same on a million receipts,
so they can be spelt right again without knowing a single merchant.
"""

import re
from dataclasses import dataclass

from providers.receipt_rules.rows import Box, Row, enclosing
from providers.receipt_rules.trade_words import TRADE_WORDS
from providers.receipt_rules.vocabulary import fold, within_edits

_HEAD_ROWS = 14

_LEGAL_FORM = re.compile(
    r"\b(SDN\.? ?BHD|BHD|S/B|SB|PLT|LLP|GMBH|AG|KG|OHG|E\.K|UG|LTD|LIMITED|LLC|INC|CORP|PTE|PTY"
    r"|PLC|CO)(?![A-Z])",
)
_ADDRESS = re.compile(
    r"\b(JALAN|JLN|LOT|NO\.? ?\d|TAMAN|TMN|LORONG|PERSIARAN|LEBUH|BANDAR|KAMPUNG|LEVEL|FLOOR|FLR"
    r"|BLOCK|BLK|UNIT|STREET|ROAD|AVENUE|SELANGOR|JOHOR|KUALA LUMPUR|\w*STRASSE|STR|WEG|PLATZ)\b"
    r"|\b\d{5}\b|STR\.? ?\d+|WEG \d+"
)
_NOT_A_NAME = re.compile(
    r"\b(TAX INVOICE|INVOICE|RECEIPT|RESIT|CASH BILL|BILL|TEL|TE1|FAX|PHONE|MOBILE|GST|SST|VAT|REG"
    r"|DATE|TIME|CASHIER|TABLE|ORDER|DOC|TERMINAL|COUNTER|WELCOME|THANK|THANKYOU|VISIT|WWW|HTTP"
    r"|EMAIL|E MAIL|CO NO|COMPANY NO|COMPANY REG|OPENING|HOURS|COPY|REPRINT|DUPLICATE|QTY"
    r"|DESCRIPTION|ITEM|PRICE|AMOUNT|TOTAL|QUITTUNG|BELEG|RECHNUNG|DATUM|UHR|EUR|MEMBER|OWNED BY|CUSTOMER"
    r"|BILL TO)\b"
    r"|OEFFNUNGSZEITEN|@.*\."
)
_ENDS_HEAD = re.compile(
    r"\b(TAX INVOICE|QTY|DESCRIPTION|CASHIER|BILL TO|SUB ?TOTAL|TOTAL|INVOICE NO|RECEIPT NO)\b"
)
_REGISTRATION = re.compile(
    r"\(?\b(?:CO\.?\s?(?:REG|NO)[\s.:]*)?\(?\d[\dOIl]{4,}\s?[-\u2013\u00b7.\s]?\s?[A-Z0]{0,2}\)?"
    r"(?:\s*\([A-Z]*\d+\))?"
    r"|\(\s*\d[\d\s]{3,}[-\u2013\u00b7.\s]*[A-Z]{0,2}\s*\)|\b20\d{10}\b"
)
_CLOSING_FORM = re.compile(r"\b(SDN\.? ?BHD\.?|S/B|PLT|GMBH|LTD\.?|CO\.(?! ?\())", re.I)
"""Legal forms that end a name: what follows is a number or a place."""
_LEADING_CODE = re.compile(r"^\s*#\d+\s+")


@dataclass(frozen=True)
class MerchantReading:
    """The merchant's name as printed, how sure it is, and where it stands."""

    name: str
    confidence: float
    box: Box
    page: int


@dataclass
class _Candidate:
    name: str
    rows: tuple[Row, ...]
    score: float


def find_merchant(rows: list[Row]) -> MerchantReading | None:
    """The merchant, or None when the head of the receipt shows no name."""
    head = _head(rows)
    candidates = [candidate for i in range(len(head)) for candidate in _candidates_at(head, i)]
    best = max(candidates, key=lambda candidate: candidate.score, default=None)
    if best is None or best.score <= 0:
        return None
    lines = tuple(line for row in best.rows for line in row.lines)
    confidence = min(0.98, 0.3 + 0.08 * best.score)
    return MerchantReading(best.name[:200], round(confidence, 3), enclosing(lines), lines[0].page)


def _head(rows: list[Row]) -> list[Row]:
    head: list[Row] = []
    for row in rows[:_HEAD_ROWS]:
        if head and _ENDS_HEAD.search(fold(row.text)) and len(head) > 2:
            break
        head.append(row)
    return head


def _candidates_at(head: list[Row], index: int) -> list[_Candidate]:
    """The row as a name, and together with the next one or two where a name goes on."""
    candidates = []
    name = ""
    for count in (1, 2, 3):
        if index + count > len(head):
            break
        row = head[index + count - 1]
        part = clean_name(row.text)
        if not _may_be_name(part, row):
            break
        if count > 1 and not _goes_on(name, part, head[index + count - 2], row):
            break
        name = f"{name} {part}".strip()
        rows = tuple(head[index : index + count])
        candidates.append(_Candidate(name, rows, _score(name, rows, index, head)))
    return candidates


def _may_be_name(part: str, row: Row) -> bool:
    label = fold(row.text)
    letters = sum(sign.isalpha() for sign in part)
    digits = sum(sign.isdigit() for sign in part)
    if letters < 3 or digits > letters:
        return False
    return not _NOT_A_NAME.search(label) or bool(_LEGAL_FORM.search(part.upper()))


def _goes_on(name: str, part: str, above: Row, row: Row) -> bool:
    """Whether a name that has no legal form yet gets it on the next line."""
    if _LEGAL_FORM.search(name.upper()) and not name.endswith("("):
        return False
    if _ADDRESS.search(fold(part)) and not _LEGAL_FORM.search(part.upper()):
        return False
    alike = 0.6 < row.height / above.height < 1.7
    short = re.match(r"(CO\.?\b|SDN|BHD|S/B|\(|\w+\) ?SDN|ENTERPRISE|ALAM)", part.upper())
    return alike and (bool(short) or name.count("(") > name.count(")"))


def _score(name: str, rows: tuple[Row, ...], index: int, head: list[Row]) -> float:
    label = fold(name)
    score = 4.0 - 0.5 * index
    if _LEGAL_FORM.search(name.upper()):
        score += 4.0
    if any(word in TRADE_WORDS for word in label.split()):
        score += 2.0
    if _ADDRESS.search(label):
        score -= 4.0
    score += 1.0 * (len(rows) - 1)
    below = index + len(rows)
    if below < len(head):
        after = head[below].text
        if _ADDRESS.search(fold(after)) or _REGISTRATION.search(after):
            score += 1.5
    if len(name) < 5:
        score -= 2.0
    if sum(sign.isdigit() for sign in name) > 3:
        score -= 2.0
    return score


def clean_name(text: str) -> str:
    """The name without registration number and without what follows its legal form."""
    name = _LEADING_CODE.sub("", text)
    name = _with_legal_form(name)
    name = _REGISTRATION.sub(" ", name)
    name = " ".join(_respelt(word) for word in name.split())
    forms = list(_CLOSING_FORM.finditer(name))
    if forms and not name[forms[-1].end() :].lstrip().startswith("& CO"):
        name = name[: forms[-1].end()]
    return name.strip(" -:;,.*~'\"#")


def _with_legal_form(text: str) -> str:
    """Legal forms as OCR most often misreads them, put right."""
    text = re.sub(r"\b[S5][DO0]N\.?\s?[B8][HN][DI01O]\b", "SDN BHD", text, flags=re.I)
    text = re.sub(r"(?<=[A-Z)])SDN\s?BH[DI]+\b", " SDN BHD", text)
    return re.sub(r"\b[S5]/[BD8](?=\s|\.|$)", "S/B", text)


def _respelt(word: str) -> str:
    """A common trade word with the letter put right that OCR misread."""
    plain = word.upper().strip(".,")
    if len(plain) < 6 or plain in TRADE_WORDS or not plain.isalpha():
        return word
    for known in TRADE_WORDS:
        if len(known) >= 6 and within_edits(plain, known, 1):
            return known if word.isupper() else known.capitalize()
    return word
