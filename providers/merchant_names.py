"""Compare names of merchants: two readings of the same name often differ by some letters."""

import re
from difflib import SequenceMatcher

LEAST_LIKENESS = 0.75
"""Similarity (0 to 1) from which two names count as the same merchant's."""

_MARKUP = re.compile(r"://|\]\(|<[a-z/!?]|\bwww\.|\b(javascript|data|mailto):", re.IGNORECASE)


def is_markup(name: str) -> bool:
    """Return whether a name is a link, or would be one where markup is shown."""
    return bool(_MARKUP.search(name))


def is_same_merchant(one: str, other: str) -> bool:
    """Return whether two readings of a name are likely the same merchant's.

    Case, blanks and punctuation do not count; one name may be part of the other.
    """
    letters = [letters_of(name) for name in (one, other)]
    if not all(letters):
        return False
    shorter, longer = sorted(letters, key=len)
    return shorter in longer or likeness(shorter, longer) >= LEAST_LIKENESS


def letters_of(name: str) -> str:
    """Return the letters and digits of a name, in lower case."""
    return "".join(filter(str.isalnum, name.casefold()))


def likeness(one: str, other: str) -> float:
    """Return how alike two readings are, 0 to 1; 0 for those of which that is soon clear."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # In this order, because the exact one takes a time that grows with the square of the length.
    for estimate in (matcher.real_quick_ratio, matcher.quick_ratio):
        if estimate() < LEAST_LIKENESS:
            return 0.0
    return matcher.ratio()
