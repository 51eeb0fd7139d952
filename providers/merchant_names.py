"""Names of shops, which are never read twice alike."""

from difflib import SequenceMatcher

_ALIKE = 0.75
"""Share of letters in common from which two names are one shop's, read twice."""


def is_same_merchant(one: str, other: str) -> bool:
    """Whether two readings of a name are likely one shop's: OCR rarely errs twice alike."""
    letters = ["".join(filter(str.isalnum, name.casefold())) for name in (one, other)]
    if not all(letters):
        return False
    shorter, longer = sorted(letters, key=len)
    return shorter in longer or SequenceMatcher(None, shorter, longer).ratio() >= _ALIKE
