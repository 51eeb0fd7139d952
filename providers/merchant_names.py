"""Compare names of merchants: two readings of the same name often differ by some letters."""

from difflib import SequenceMatcher

_ALIKE = 0.75
"""Similarity (0 to 1) from which two names count as the same merchant's."""


def is_same_merchant(one: str, other: str) -> bool:
    """Return whether two readings of a name are likely the same merchant's.

    Case, blanks and punctuation do not count; one name may be part of the other.
    """
    letters = ["".join(filter(str.isalnum, name.casefold())) for name in (one, other)]
    if not all(letters):
        return False
    shorter, longer = sorted(letters, key=len)
    return shorter in longer or SequenceMatcher(None, shorter, longer).ratio() >= _ALIKE
