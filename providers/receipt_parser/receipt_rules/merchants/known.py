"""Known merchants: names that a user has confirmed, recognised although OCR misread a letter.

A name becomes a known one only by a difference that OCR makes: blanks, case, accents, legal forms,
signs that look alike. ``Adler`` is not ``Adlon``, nor ``Müller`` ``Miller``: those are other shops.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from providers.merchant_names import letters_of, likeness
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import LEGAL_FORM
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import ALL_TRADE_WORDS
from providers.receipt_parser.receipt_rules.vocabulary import is_one_edit_away, without_accents

_LEAST_LETTERS = 4
"""Of a word in which a letter may be misread, and of a name that is part of no other."""
_LEAST_IN_ALL = 6
"""Letters of a name in which one may be misread, unless nobody can tell the two apart."""
_LONG_NAME = 12
"""In letters: a name in which two words may be misread instead of one."""
_TRADE_LETTERS = 5
"""Of a trade word in which any letter may be misread, beside a word that tells shops apart."""
_MOST_SUGGESTED = 3
_LETTERS_COMPARED = 60
"""Of names that are suggested: to compare two takes a time that grows with the square of it."""

_UMLAUT = re.compile(r"([AOU])E")
_WORD = re.compile(r"[^\W_]+")
_AS_LETTERS = str.maketrans("0125846", "OIZSBAG")
_LOOK_THE_SAME = frozenset(map(frozenset, ("IL", "OQ")))
"""In many a font, and to OCR in most."""
_LOOK_ALIKE = _LOOK_THE_SAME | frozenset(map(frozenset, ("EF", "CG", "OD", "QD", "UV")))
_AS_TWO = str.maketrans({"M": "RN", "W": "VV"})
"""Letters that look like two others."""
_GMBH = "GMBH"


@dataclass(frozen=True)
class _Name:
    """A name as it is compared: its words without accents, apart from its legal form."""

    words: tuple[str, ...]
    form: str

    @property
    def letters(self) -> str:
        return "".join(self.words)


class KnownMerchants:
    """The names that a user has confirmed, the last confirmed first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = [(name, _compared(name)) for name in names]

    def named(self, read: str) -> str | None:
        """Return the known name that was read, spelt as it was confirmed, or None.

        None also for what may be two of them.
        """
        name = _compared(read)
        if same := self._same(name):
            return same
        like = [(spelt, known) for spelt, known in self._of_form(name) if _is_misread(known, name)]
        return like[0][0] if len({known.letters for _, known in like}) == 1 else None

    def in_full(self, read: str) -> str | None:
        """Return the known name that was read without a slip, if nothing else is called so."""
        name = _compared(read)
        is_name = len(name.letters) >= _LEAST_IN_ALL and not _TRADE_WORDS.issuperset(name.words)
        return self._same(name) if is_name else None

    def near(self, read: str) -> tuple[str, ...]:
        """Return known names that somebody who looks at the receipt may find on it."""
        letters = letters_of(read)[:_LETTERS_COMPARED]
        found = (
            (likeness(letters_of(spelt)[:_LETTERS_COMPARED], letters), spelt)
            for spelt, _ in self._names
        )
        ranked = sorted((one for one in found if one[0]), key=lambda one: one[0], reverse=True)
        return tuple(spelt for _, spelt in ranked[:_MOST_SUGGESTED])

    def _same(self, name: _Name) -> str | None:
        same = [found for found in self._of_form(name) if found[1].letters == name.letters]
        of_this_form = [found for found in same if found[1].form == name.form]
        forms = {known.form for _, known in of_this_form or same if known.form}
        return (of_this_form or same)[0][0] if same and name.letters and len(forms) <= 1 else None

    def _of_form(self, name: _Name) -> Iterator[tuple[str, _Name]]:
        """Yield the known names that may be of the same company, by their legal forms."""
        for spelt, known in self._names:
            if known.form.startswith(name.form) or name.form.startswith(known.form):
                yield spelt, known


NOBODY = KnownMerchants()
"""What is known of a user who has confirmed no name."""


@lru_cache(maxsize=4096)
def _compared(name: str) -> _Name:
    plain = without_accents(name)
    forms = "".join(_letters(found[0]) for found in LEGAL_FORM.finditer(plain))
    words = _words(LEGAL_FORM.sub(" ", plain))
    if len(words) > 1 and not forms and _is_gmbh(words[-1]):
        return _Name(tuple(words[:-1]), _GMBH)
    if sum(map(len, words)) < _LEAST_LETTERS:
        return _Name(tuple(_words(plain)), "")
    return _Name(tuple(words), forms)


def _is_gmbh(word: str) -> bool:
    """Return whether OCR may have read that legal form, of which one letter is wrong."""
    return len(word) == len(_GMBH) and is_one_edit_away(word, _GMBH)


def _words(plain: str) -> list[str]:
    return [_UMLAUT.sub(r"\1", _as_letters(word)) for word in _WORD.findall(plain)]


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text))


def _as_letters(word: str) -> str:
    """Return a word with letters for the digits that OCR sees in it; a number stays one."""
    digits = sum(map(str.isdecimal, word))
    return word.translate(_AS_LETTERS) if digits and len(word) - digits > 2 * digits else word


def _is_misread(known: _Name, read: _Name) -> bool:
    """Return whether a name is another one, each of whose words OCR can have read so."""
    size = len(known.letters)
    if len(known.words) != len(read.words) or size < _LEAST_LETTERS:
        return False
    pairs = list(zip(known.words, read.words, strict=True))
    slips = [pair for pair in pairs if pair[0] != pair[1]]
    has_own_word = any(one == other and one not in _TRADE_WORDS for one, other in pairs)
    return 0 < len(slips) <= (2 if size >= _LONG_NAME else 1) and all(
        (has_own_word and _is_misread_trade(*pair)) or _is_misread_word(*pair, size)
        for pair in slips
    )


def _is_misread_trade(known: str, read: str) -> bool:
    """Return whether a word is a trade word but for any letter."""
    if known not in _TRADE_WORDS or read in _TRADE_WORDS or len(known) < _TRADE_LETTERS:
        return False
    return is_one_edit_away(known, read)


def _is_misread_word(known: str, read: str, size: int) -> bool:
    """Return whether OCR can have read a word so, in a name of so many letters."""
    if not (known.isalpha() and read.isalpha()) or min(len(known), len(read)) < _LEAST_LETTERS:
        return False
    one, other = known.translate(_AS_TWO), read.translate(_AS_TWO)
    if len(one) != len(other):
        return False
    pairs = [frozenset(pair) for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if not pairs or len(known) != len(read):
        return not pairs and size >= _LEAST_IN_ALL  # one letter for two
    likely = _LOOK_ALIKE if size >= _LEAST_IN_ALL else _LOOK_THE_SAME
    return len(pairs) == 1 and pairs[0] in likely


_TRADE_WORDS = frozenset(word for each in ALL_TRADE_WORDS for word in _words(each))
