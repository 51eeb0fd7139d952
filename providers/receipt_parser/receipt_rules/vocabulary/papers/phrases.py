"""Phrases: looks for words of a family in a folded label, however it is spelt.

OCR and tills lose accents and blanks: ``RÜCKGABE`` is printed ``RUECKGABE`` and read ``RUCKGABE``,
``Credit note`` becomes ``CREDITNOTE``. Each spelling is one more phrase, so that looking costs a
step a word, however many phrases there are.
"""

import re
from collections.abc import Iterator

from providers.receipt_parser.receipt_rules.vocabulary.folding import fold

_START = 3
"""Letters by which the phrases are found. A stem has at least as many."""
_BARE = str.maketrans("ÄÖÜÆØŒÅ", "AOUAOOA")
"""Letters that ``fold`` writes as two, as OCR reads them without their marks."""


_WORD = re.compile(r"[^\W_]+\*?")


class Phrases:
    """Phrases of a family, separated by commas; a star stands for any ending of a word."""

    def __init__(self, *languages: str) -> None:
        self._by_start: dict[str, list[tuple[str, ...]]] = {}
        for phrase in (each.strip() for text in languages for each in text.split(",")):
            for words in _spellings(phrase):
                known = self._by_start.setdefault(words[0][:_START], [])
                known.append(words)
                known.sort(key=len, reverse=True)

    def length_at(self, words: list[str], start: int) -> int:
        """Return the number of words of the longest phrase that begins there, or 0."""
        known = self._by_start.get(words[start][:_START], ())
        return next((len(phrase) for phrase in known if _begins(words, start, phrase)), 0)

    def is_within(self, label: str) -> bool:
        """Return whether a folded label has one of the phrases anywhere."""
        words = label.split()
        return any(self.length_at(words, start) for start in range(len(words)))


def _spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    if not phrase:
        return
    for spelling in {phrase.upper(), phrase.upper().translate(_BARE)}:
        words = tuple(fold(word) + "*" * word.endswith("*") for word in _WORD.findall(spelling))
        yield words
        if len(words) > 1 and len("".join(words)) > _START:
            yield ("".join(words),)


def _begins(words: list[str], start: int, phrase: tuple[str, ...]) -> bool:
    if start + len(phrase) > len(words):
        return False
    return all(
        word.startswith(asked[:-1]) if asked.endswith("*") else word == asked
        for word, asked in zip(words[start:], phrase, strict=False)
    )
