"""Vocabulary: what the label of an amount says about it, in English, German and Malay.

OCR confuses O with 0 and l with 1, joins words and drops accents. A rule that compares letter by
letter would take ``SUB TO1AL`` for an item.
"""

import re
import unicodedata
from enum import StrEnum, auto


class Role(StrEnum):
    """What an amount is, according to its label."""

    GRAND_TOTAL = auto()
    TOTAL = auto()
    SUBTOTAL = auto()
    NET = auto()
    TAX = auto()
    ROUNDING = auto()
    DISCOUNT = auto()
    SERVICE = auto()
    CASH = auto()
    CARD = auto()
    CHANGE = auto()
    COUNT = auto()
    NONE = auto()


_LABELS = """
TOTAL SUBTOTAL AMOUNT CHANGE ROUNDING ADJUSTMENT DISCOUNT PAYABLE BALANCE INCLUSIVE
INCLUDING INCLUDED EXCLUDING EXCLUSIVE SUMMARY SERVICE CHARGE RECEIVED TENDERED PAYMENT
CREDIT DEBIT MASTERCARD QUANTITY SALES SAVING SAVINGS INVOICE CASHIER
SUMME ZWISCHENSUMME GESAMT GESAMTBETRAG BETRAG ZAHLEN RUECKGELD ZURUECK BARGELD GEGEBEN
KREDITKARTE KARTENZAHLUNG NETTO BRUTTO RABATT GUTSCHEIN JUMLAH
"""
_LABEL_WORDS = dict.fromkeys(_LABELS.split())
"""Words of labels in which OCR's misreadings are corrected, tried in this order."""

_SHORT_FORMS = {"AMT": "AMOUNT", "AMNT": "AMOUNT", "TTL": "TOTAL", "TTI": "TOTAL", "TOT": "TOTAL"}

_DIGITS_IN_WORDS = str.maketrans("01589", "OISBG")

_RULES: tuple[tuple[Role, str], ...] = (
    (
        Role.CHANGE,
        r"\bCHANGE\b|\bRUECKG(ELD|ABE)|\bZURUECK\b|\bWECHSELGELD|\bBAKI\b|\bKEMBALI\b",
    ),
    (
        Role.GRAND_TOTAL,
        r"TOTAL.*(AFTER|ROUNDED)|ROUNDED TOTAL|AFTER (ROUNDING|DISC|ADJ)",
    ),
    (Role.ROUNDING, r"\bROUND|\bRNDG?\b|\bPEMBUNDARAN|\bRUNDUNG"),
    (
        Role.DISCOUNT,
        r"\bDISC\b|DISCOUNT|SAVING|SAVED|REBATE|COUPON|VOUCHER|PROMO|RABATT|GUTSCHEIN|DISKAUN"
        r"|ERSPARNIS|NACHLASS|\bLESS\b",
    ),
    (Role.TOTAL, r"\b(QTY|QUANTITY|ITEMS?)\b.*\bTOTAL( (RM|MYR|EUR|USD|AMOUNT))?$"),
    (
        Role.COUNT,
        r"\b(QTY|QTYS|OTY|QUANTITY|ITEMS?|ITEM COUNT|PCS|UNITS?|POINTS?|STAMPS?|PUNKTE?|POSTEN"
        r"|ARTIKEL|ANZAHL|MENGE|LITRE|LITER)\b",
    ),
    (Role.SUBTOTAL, r"SUB ?TOTAL|SUB TTL|ZWISCHENSUMME|TEILSUMME|\bSUBTOT"),
    (
        Role.NET,
        r"EXCLU|\bEXCL?\b|BEFORE|TAXABLE|\bNETTO|WARENWERT|WITHOUT|\bOHNE\b|NOT SUBJECT",
    ),
    (
        Role.TOTAL,
        r"(TOTAL|SALES|AMOUNT).*\bINC(LU|L?\b)|TOTAL WITH|INKL.*(SUMME|GESAMT)"
        r"|(SUMME|GESAMT).*INKL",
    ),
    (Role.TAX, r"\b(GST|SST|VAT|TAX|MWST|MEHRWERT\w*|UST|CUKAI)\b|\bSTEUER|\bINCL\b"),
    (
        Role.SERVICE,
        r"\bSERV\w* ?(CHARGE|CHG)|\bSVC|SERVICE CHARGE|BEDIENUNG|TRINKGELD|GRATUITY|\bTIPS?\b",
    ),
    (
        Role.GRAND_TOTAL,
        r"GRAND TOTAL|\bNETT? ?TOTAL|TOTAL (DUE|PAYABLE|AMOUNT DUE|TO PAY)|AMOUNT (DUE|PAYABLE)"
        r"|\bZU ZAHLEN|\bGESAMT(BETRAG|SUMME)|\bENDBETRAG|\bENDSUMME|\bRECHNUNGSBETRAG|FINAL TOTAL"
        r"|BALANCE (DUE|TO PAY)|TOTAL PAID|\bPAYABLE\b|^DUE$|\bTO PAY\b|JUMLAH (BESAR|PERLU)"
        r"|NETT? AMOUNT",
    ),
    (
        Role.CASH,
        r"\bCASH|\bTENDER|\bBAR\b|\bBAR(GELD|ZAHL)|GEGEBEN|\bPAID|PAYMENT|\bTUNAI|RECEIVED"
        r"|BEZAHLT|\bPAY\b",
    ),
    (
        Role.CARD,
        r"\bVISA|MASTER ?CARD|^MASTER|\bCARD\b|\bCREDIT|\bDEBIT|\bAMEX|KREDITKARTE|GIROCARD|MAESTRO"
        r"|KARTENZAHLUNG|KARTE\b|\bWALLET|PAYPAL|\bEC\b|ELEC CASH|\bEDC\b|LASTSCHRIFT|BETRAG",
    ),
    (Role.TOTAL, r"TOTAL|SUMME\b|\bGESAMT|\bJUMLAH\b|\bAMOUNT\b|^SUM$|\bTTL\b"),
)
_COMPILED = tuple((role, re.compile(pattern)) for role, pattern in _RULES)

_SUMMARY = re.compile(
    r"\b(GST|TAX|SST|VAT|MWST|UST|STEUER)\b.*\b(SUMMARY|ANALYSIS|BREAKDOWN|DETAILS?|INFO)"
)
_SUMMARY_COLUMN = re.compile(
    r"\b(GST|SST|VAT|TAX|MWST|MEHRWERT\w*|UST|STEUER|NETTO?|NET AMT|BRUTTO|UMSATZ|AMOUNT|AMT|CODE"
    r"|RATE|GOODS)\b"
)


_GLUED = re.compile(r"(?<=[a-z]{2})(?=[A-Z][A-Za-z]{2})")
"""Where OCR lost a blank: ``RoundingAdj``, ``ofGST``, but not inside ``MwSt``."""


def fold(text: str) -> str:
    """Normalize a label: upper case, no accents or punctuation, no digits inside words.

    Common abbreviations and misread label words become the full word.
    """
    text = _GLUED.sub(" ", text)
    text = re.sub("[Ää]", "AE", text)
    text = re.sub("[ÖöØø]", "OE", text)  # a Danish letter, and what OCR makes of a German one
    text = re.sub("[Üü]", "UE", text)
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "SS").upper())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    words = re.sub(r"[^A-Z0-9%&]+", " ", plain).split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in map(_as_word, words))


def _as_word(word: str) -> str:
    letters = sum(sign.isalpha() for sign in word)
    if letters >= 3 and letters > len(word) - letters:
        word = word.translate(_DIGITS_IN_WORDS)
    return _as_label_word(word) if len(word) >= 5 and word.isalpha() else word


def _as_label_word(word: str) -> str:
    """Return the label word that differs by one misread letter, or else the word itself."""
    for seen, printed in (("", ""), ("II", "H"), ("RN", "M"), ("VV", "W")):
        if (whole := word.replace(seen, printed)) in _LABEL_WORDS:
            return whole
    return next((known for known in _LABEL_WORDS if is_one_edit_away(word, known)), word)


def is_one_edit_away(one: str, other: str) -> bool:
    """Return whether at most one letter must be changed, added or dropped between two words."""
    longest = max(len(one), len(other))
    if longest - min(len(one), len(other)) > 1:
        return False
    if longest > 1 and one[:1] != other[:1] and one[-1:] != other[-1:]:
        return False  # one edit cannot change both ends
    before = _common_start(one, other)
    after = _common_start(one[before:][::-1], other[before:][::-1])
    return before + after >= longest - 1


def _common_start(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def role_of(label: str) -> Role:
    """Return what a folded label says about its amount; the first rule that matches decides."""
    return next((role for role, rule in _COMPILED if rule.search(label)), Role.NONE)


def opens_tax_summary(label: str, below_total: bool) -> bool:
    """Return whether a label is the title or the column heads of the tax table.

    Column heads count only below the total, because the table of items has the same ones.
    """
    if _SUMMARY.search(label):
        return True
    return below_total and len(set(_SUMMARY_COLUMN.findall(label))) >= 2
