"""Names: a merchant's name as it should read, from the row on which OCR saw it.

Takes off what is no part of a name (registration numbers, the branch behind the legal
form) and puts right what OCR misreads most: legal forms and trade words, which are the same
on a million receipts.
"""

import re

from providers.receipt_parser.receipt_rules.trade_words import TRADE_WORDS
from providers.receipt_parser.receipt_rules.vocabulary import is_one_edit_away

LEGAL_FORM = re.compile(
    r"\b(SDN\.? ?BHD|BHD|S/B|SB|PLT|LLP|GMBH|MBH|AG|KG|OHG|E\.K|UG|LTD|LIMITED|LLC|INC|CORP|PTE"
    r"|PTY|PLC|CO\.(?! ?(?:REG|NO))|& ?CO)(?![A-Z])"
)
"""Legal forms of companies in Malaysia, Singapore, Germany and the English-speaking world."""

_CLOSING_FORM = re.compile(
    r"\b(SDN\.? ?BHD\.?|S/B|PLT|GMBH(?! ?& ?CO)|LTD\.?|CO\.(?! ?[(&]| ?KG))(?![A-Z])", re.I
)
"""Those that end a name: what follows is a number or a place."""
_REGISTRATION = re.compile(
    r"\(?\b(?:CO\.?\s?(?:REG|NO)[\s.:]*)?\(?\d[\dOIl]{4,}\s?[-\u2013\u00b7.\s]?\s?[A-Z0]{0,2}\)?"
    r"(?:\s*\([A-Z]*\d+\))?"
    r"|\(\s*\d[\d\s]{3,}[-\u2013\u00b7.\s]*[A-Z]{0,2}\s*\)"
)
_EDGES = " -:;,*~'\"#"
_ABBREVIATION = re.compile(r"\b(CO|LTD|INC|BHD|E\.K)\.$", re.I)
_LEADING_CODE = re.compile(r"^\s*#\d+\s+")
_DIGIT_IN_WORD = re.compile(r"(?<=[A-Z])[0158](?=[A-Z])|(?<=[A-Z]\.)[0158](?=\.)")
_LETTERS = str.maketrans("0158", "OISB")


def clean_name(text: str) -> str:
    """The name without registration number and without what follows its legal form."""
    name = _LEADING_CODE.sub("", text)
    name = _with_legal_form(name)
    name = _REGISTRATION.sub(" ", name)
    name = " ".join(_respelt(word) for word in name.split())
    forms = list(_CLOSING_FORM.finditer(name))
    if forms:
        name = name[: forms[-1].end()]
    name = name.lstrip(_EDGES + ".").rstrip(_EDGES)
    return _balanced(name if _ABBREVIATION.search(name) else name.rstrip(_EDGES + "."))


def has_registration(text: str) -> bool:
    """Whether a row carries a company's registration number."""
    return bool(_REGISTRATION.search(text))


def _with_legal_form(text: str) -> str:
    """Legal forms as OCR most often misreads them, put right."""
    text = re.sub(r"\b[S5B][A-Z0]N\.?\s?[B8E][HN][A-Z01]\b", "SDN BHD", text, flags=re.I)
    text = re.sub(r"(?<=[A-Z)])SDN\.?\s?BH[DI]+\b", " SDN BHD", text)
    text = re.sub(r"\b[S5]/[BD8](?=\s|\.|$)", "S/B", text)
    return re.sub(r"(?<=[A-Z]{3})S/B\b", " S/B", text)


def _respelt(word: str) -> str:
    """A word with letters where OCR saw digits, and a trade word with its misread letter right.

    Only one letter inside the word may differ: at its end, another letter is another word.
    """
    word = _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_LETTERS), word)
    plain = word.upper().strip(".,")
    if len(plain) < 6 or plain in TRADE_WORDS or not plain.isalpha():
        return word
    for known in TRADE_WORDS:
        alike = len(known) == len(plain) and known[0] + known[-1] == plain[0] + plain[-1]
        if alike and is_one_edit_away(plain, known):
            return known if word.isupper() else known.capitalize()
    return word


def _balanced(name: str) -> str:
    """Without a parenthesis that lost its other half with the number inside."""
    name = re.sub(r"\(\s*\)", "", name)
    if name.count("(") > name.count(")"):
        before, _, after = name.rpartition("(")
        name = name if after.strip() else before
    return " ".join(name.split())
