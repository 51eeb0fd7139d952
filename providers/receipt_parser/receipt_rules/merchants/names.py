"""Names: a merchant's clean name, from the row that OCR read.

Removes what is not part of the name (registration numbers, the branch after the legal form),
and corrects what OCR misreads most often: legal forms and trade words.
"""

import re
from functools import lru_cache

from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import (
    CLOSING_FORM,
    LEGAL_FORM,
)
from providers.receipt_parser.receipt_rules.merchants.words.titles import is_title
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import (
    TRADE_WORDS,
    is_trade_word,
)
from providers.receipt_parser.receipt_rules.vocabulary import fold, is_one_edit_away

_REGISTRATION = re.compile(
    r"\(?\b(?:CO\.?\s?(?:REG"
    r"|NO)[\s.:]*)?\(?\d[\dOIl]{4,}\s?[-\u2013\u00b7.\s]?\s?[A-Z0]{0,2}(?![^\W\d_])\)?"
    r"(?:\s*\([A-Z]*\d+\))?"
    r"|\(\s*\d[\d\s]{3,}[-\u2013\u00b7.\s]*[A-Z]{0,2}\s*\)"
)
_MOST_WORDS = 12
"""Of a name, as far as a title behind it is looked for."""
_MAIL_ADDRESS = re.compile(r"\s?[<(\[]?[\w.+-]{1,64}@[\w.-]{1,80}[>)\]]?")
_DAY_BEHIND = re.compile(
    r"\s(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d"
    r"|(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov"
    r"|dec)[a-z]{0,6}\.? \d{1,2},? ?['\u2019]?\d{2,4}"
    r"|\d{1,2}:\d\d\s?(?i:[ap]m?)?$).*"
)
_EDGES = " -:;,*~'\"#=_|<>"
_ABBREVIATION = re.compile(
    r"\b(CO|LTD|INC|BHD|E\.K|B\.V|N\.V|S\.A|S\.L|S\.P\.A|S\.R\.L|S\.R\.O|O\.O)\.$", re.I
)
_LEADING_CODE = re.compile(r"^\s*#\d+\s+")
_DIGIT_IN_WORD = re.compile(r"(?<=[A-Z])[0158](?=[A-Z])|(?<=[A-Z]\.)[0158](?=\.)")
_LETTERS = str.maketrans("0158", "OISB")


@lru_cache(maxsize=1024)
def clean_name(text: str) -> str:
    """Return the name without registration number, and without what follows its legal form."""
    name = _DAY_BEHIND.sub("", _MAIL_ADDRESS.sub("", _LEADING_CODE.sub("", text)))
    name = _with_legal_form(name)
    name = _REGISTRATION.sub(" ", name)
    name = " ".join(_respelt(word) for word in name.split())
    forms = list(CLOSING_FORM.finditer(name))
    if forms:
        name = name[: forms[-1].end()]
    name = _without_title(name).lstrip(_EDGES + ".").rstrip(_EDGES)
    return _balanced(name if _ABBREVIATION.search(name) else name.rstrip(_EDGES + "."))


def _without_title(name: str) -> str:
    """Return the name without what stands behind its legal form, if that is a title."""
    words = name.split()
    for number in reversed(range(1, min(len(words), _MOST_WORDS))):
        kept = " ".join(words[:number])
        forms = [form.end() for form in LEGAL_FORM.finditer(kept.upper())]
        is_last = bool(forms) and len(kept) - forms[-1] <= 1  # a point may follow
        if is_last and is_title(fold(" ".join(words[number:]))):
            return kept
    return name


def has_registration(text: str) -> bool:
    """Return whether the text contains a company's registration number."""
    return bool(_REGISTRATION.search(text))


def _with_legal_form(text: str) -> str:
    """Return the text with the most common misreadings of legal forms corrected."""
    text = re.sub(r"\b[S5B][A-Z0]N\.?\s?[B8E][HN][A-Z01]\b", "SDN BHD", text, flags=re.I)
    text = re.sub(r"(?<=[A-Z)])SDN\.?\s?BH[DI]+\b", " SDN BHD", text)
    text = re.sub(r"\b[S5]/[BD8](?=\s|\.|$)", "S/B", text)
    text = re.sub(r"(?<=\s)0(?=(?:[\u00dcUY]|YJ)$)", "O", text)  # of Finland and Estonia
    text = re.sub(r"\bS\.\s?([rR])\.\s?[I1|](?=\.|\s|$)", _with_last_letter, text)
    return re.sub(r"(?<=[A-Z]{3})S/B\b", " S/B", text)


def _with_last_letter(form: re.Match[str]) -> str:
    """Return ``S.r.l`` for an ``S.r.I`` in which OCR read the last letter as another."""
    return f"{form[0][:-1]}{'l' if form[1].islower() else 'L'}"


def _respelt(word: str) -> str:
    """Return the word with letters for misread digits, and a misread trade word corrected.

    Only one letter inside a trade word may differ: at its end, another letter makes another
    word.
    """
    word = _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_LETTERS), word)
    plain = word.upper().strip(".,")
    if len(plain) < 6 or is_trade_word(plain) or not plain.isalpha():
        return word
    for known in TRADE_WORDS:
        alike = len(known) == len(plain) and known[0] + known[-1] == plain[0] + plain[-1]
        if alike and is_one_edit_away(plain, known):
            return known if word.isupper() else known.capitalize()
    return word


def _balanced(name: str) -> str:
    """Return the name without a parenthesis whose other half was removed with a number."""
    name = re.sub(r"\(\s*\)", "", name)
    if name.count("(") > name.count(")"):
        before, _, after = name.rpartition("(")
        name = name if after.strip() else before
    return " ".join(name.split())
