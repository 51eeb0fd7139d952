"""Folding: a label as the rules compare it, whatever OCR and the accents of its language do to it.

OCR confuses O with 0 and l with 1, joins words and drops accents. A rule that compares letter by
letter would take ``SUB TO1AL`` for an item.
"""

import re
import unicodedata

from providers.receipt_parser.receipt_rules.vocabulary.scripts import Scripts

_LABELS = """
TOTAL SUBTOTAL AMOUNT CHANGE ROUNDING ADJUSTMENT DISCOUNT PAYABLE BALANCE INCLUSIVE
INCLUDING INCLUDED INCLUDES EXCLUDING EXCLUSIVE SUMMARY SERVICE CHARGE RECEIVED TENDERED PAYMENT
CREDIT DEBIT MASTERCARD QUANTITY SALES SAVING SAVINGS INVOICE CASHIER
SUMME ZWISCHENSUMME GESAMT GESAMTBETRAG BETRAG ZAHLEN RUECKGELD ZURUECK BARGELD GEGEBEN
KREDITKARTE KARTENZAHLUNG NETTO BRUTTO RABATT GUTSCHEIN JUMLAH
TOTALE TOTAAL TOTALT TOTALS SUMMA MONTANT IMPORTED ESPECES EFECTIVO TARJETA CONTANTI CONTANTE
KONTANT YHTEENSAE CELKEM TOPLAM GOTOWKA BETALEN BETALA PREAUTH ITEMS REFUND RETURN VOIDED CHARGES
CAMBIO IMPORTE IMPORTO
"""
_OTHER_WORDS = frozenset(["DEBUT", "MONTANA", "WALES", "SALEM", "RABAT", "ECHANGE"])
"""Words that are one letter away from a label, and are none: a beginning, and places."""
_LABEL_WORDS = dict.fromkeys(_LABELS.split())
"""Words of labels in which OCR's misreadings are corrected, tried in this order."""
_BY_LENGTH = {
    length: [word for word in _LABEL_WORDS if abs(len(word) - length) <= 1]
    for length in range(4, 24)
}

_SHORT_FORMS = {"AMT": "AMOUNT", "AMNT": "AMOUNT", "TTL": "TOTAL", "TTI": "TOTAL", "TOT": "TOTAL"}

_DIGITS_IN_WORDS = str.maketrans("01589", "OISBG")
_AS_TWO_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u00c4\u00e4\u00c6\u00e6", "AE"),
        # A Danish letter, and what OCR makes of a German one.
        **dict.fromkeys("\u00d6\u00f6\u00d8\u00f8\u0152\u0153", "OE"),
        **dict.fromkeys("\u00dc\u00fc", "UE"),
        **dict.fromkeys("\u0141\u0142", "L"),
        **dict.fromkeys("\u0110\u0111", "D"),
        **dict.fromkeys("\u00d0\u00f0", "D"),
        **dict.fromkeys("\u00de\u00fe", "TH"),
        "\u0131": "I",
        "\u00df": "SS",
    }
)
"""Letters that lose more than an accent."""
_GLUED = re.compile(r"(?<=[a-z]{2})(?=[A-Z][A-Za-z]{2})")
"""Where OCR lost a blank: ``RoundingAdj``, ``ofGST``, but not inside ``MwSt``."""


def fold(text: str) -> str:
    """Normalize a label: upper case, no accents or punctuation, no digits inside words.

    Common abbreviations and misread label words become the full word.
    """
    plain = _SCRIPTS.in_latin(without_accents(_GLUED.sub(" ", text)))
    words = re.sub(r"[^A-Z0-9%&]+", " ", plain).split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in map(_as_word, words))


def without_accents(text: str) -> str:
    """Return a text in upper case, with two letters for an umlaut and none with an accent."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_AS_TWO_LETTERS).upper())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


_SCRIPTS = Scripts(without_accents)


def _as_word(word: str) -> str:
    letters = sum(sign.isalpha() for sign in word)
    if letters >= 3 and letters > len(word) - letters:
        word = word.translate(_DIGITS_IN_WORDS)
    return _as_label_word(word) if len(word) >= 5 and word.isalpha() else word


def _as_label_word(word: str) -> str:
    """Return the label word that differs by one misread letter, or else the word itself."""
    if word in _OTHER_WORDS:
        return word
    for seen, printed in (("", ""), ("II", "H"), ("RN", "M"), ("VV", "W")):
        if (whole := word.replace(seen, printed)) in _LABEL_WORDS:
            return whole
    first, last = word[0], word[-1]
    near = (
        known
        for known in _BY_LENGTH.get(len(word), ())
        # One edit cannot change both ends; to look at them is cheaper than to compare.
        if known[0] == first or known[-1] == last
    )
    return next((known for known in near if is_one_edit_away(word, known)), word)


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
