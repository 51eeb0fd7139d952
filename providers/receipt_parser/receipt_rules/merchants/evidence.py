"""Evidence: how much of a receipt bears out that a row is the seller's name.

Names have legal forms, words of a trade, an address below, large letters, and are printed again in
a link; an address, an owner, a town and a slogan have none of it, or something else.
"""

import re
from collections.abc import Sequence
from statistics import median

from providers.receipt_parser.receipt_rules.merchants.heads import (
    has_postcode,
    is_address,
    is_sentence,
    sender_of,
)
from providers.receipt_parser.receipt_rules.merchants.names import has_registration
from providers.receipt_parser.receipt_rules.merchants.words.headings import (
    is_describing,
    tells_since_when,
)
from providers.receipt_parser.receipt_rules.merchants.words.labels import (
    names_customer,
    tells_whose,
)
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import has_legal_form
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import (
    has_trade_word,
    is_trade_word,
)
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

_TALL = 1.4
"""A name counts as printed large from this multiple of the receipt's median row height."""
_UNSURE = 0.8
_LOWER = 0.45
"""Points that a name loses by each row above it that may be the name."""
_FURTHER_DOWN = 0.15
"""Points that a name loses by each other row above it."""
_ADDRESS_ROWS = 3
"""Below a name, among which its address begins."""
_TOWN = 2.0
"""Points that a name loses if it is below another and has a comma: a town and its country."""
_WHOSE = 2.5
"""Points that a row loses that tells whose, or where, the shop above is."""
_LEAST_SHARED = 5
"""Letters of a word that a link has in common with the name."""

ADDRESS = re.compile(
    r"\b(JALAN|JLN|JL|LOT|NO ?\d|TAMAN|TMN|LORONG|PERSIARAN|LEBUH|BANDAR|KAMPUNG|LEVEL|FLOOR|FLR"
    r"|BLOCK|BLK|UNIT|STREET|ROAD|AVENUE|MALL|PLAZA|WISMA|MENARA|SELANGOR|JOHOR|KUALA LUMPUR"
    r"|\w*STR(ASSE)?|\w*WEG|\w*PLATZ|\w{3,}ALLEE)\b|\b\d{5}\b|^[A-Z]{1,2} ?\d{2,}\b"
)
_ENDS_IN_A_NUMBER = re.compile(r"[^\W\d]{2,} (NO |NR )?\d{1,4} ?[A-Z]?$")
_FOUNDED = re.compile(r"\b(1[6-9]|20)\d\d$")
_MOST_DIGITS = 3
_RULER = re.compile(r"[=#_+]{4}|-{6}")
_LINK = re.compile(r"(?:@|\bwww\.|\b)([\w-]{4,40})\.(?:com?\.)?[a-z]{2,4}\b", re.I)


class Evidence:
    """What a receipt tells of the names on it."""

    def __init__(self, rows: Sequence[Row], places: Sequence[int]) -> None:
        """Take all rows, and for each of the head how many above it may be names."""
        self._rows = rows
        self.places = places
        self._height = median(row.height for row in rows)
        self._labels = [row.label.replace(" ", "") for row in rows]
        self._links = [
            fold(link).replace(" ", "")
            for row in rows
            if "." in row.text
            for link in _LINK.findall(row.text)
        ]

    def points(self, name: str, index: int, parts: tuple[Row, ...]) -> float:
        """Return the points of a name in the rows from that index on."""
        label = fold(name)
        place = self.places[index]
        score = 3.5 - _LOWER * place - _FURTHER_DOWN * (index - place) + 1.0 * (len(parts) - 1)
        is_company = has_legal_form(name)
        is_somewhere = _is_place(name, label, is_first=not place) or any(
            _is_street(row.label) for row in parts
        )
        if is_company:
            score += 4.0
        elif is_somewhere:
            score -= 4.0
        elif self._is_town(label, index + len(parts)):
            score -= 3.5
        if not is_somewhere and has_trade_word(label, name):
            score += 2.0
        if place and not is_company:
            score -= _owner_points(label, name)
        score -= _said_points(name, parts[0])
        if any(map(_is_where, self._rows[index + len(parts) :][:_ADDRESS_ROWS])):
            score += 1.0
        if parts[-1].text.endswith(","):
            score -= 1.5
        elif index and "," in name and not is_company:
            score -= _TOWN
        if has_registration(parts[-1].text):
            score += 1.0
        if parts[0].height > _TALL * self._height:
            score += 1.0
        if self._is_repeated(label, index, len(parts)) or self.is_in_a_link(label):
            score += 1.0
        return score - _print_points(name, label, parts)

    def is_in_a_link(self, label: str) -> bool:
        """Return whether a web or mail address has the words of a folded name."""
        letters = label.replace(" ", "")
        own = [word for word in label.split() if len(word) >= _LEAST_SHARED]
        return any(
            (len(link) >= _LEAST_SHARED and link in letters)
            or any(word in link and not is_trade_word(word) for word in own)
            for link in self._links
        )

    def _is_repeated(self, label: str, index: int, count: int) -> bool:
        """Return whether the name is printed again, such as in a URL or on a card slip."""
        letters = label.replace(" ", "")
        others = (*self._labels[:index], *self._labels[index + count :])
        return len(letters) >= 4 and any(letters in other for other in others)

    def _is_town(self, label: str, below: int) -> bool:
        """Return whether a name is only that of the town in the address below it."""
        return len(label.split()) <= 2 and any(
            has_postcode(row.label) and f" {row.label} ".endswith(f" {label} ")
            for row in self._rows[below:][:_ADDRESS_ROWS]
        )


def _is_where(row: Row) -> bool:
    """Return whether a row has an address or a registration, as stand below a name."""
    return bool(ADDRESS.search(row.label)) or is_address(row.label) or has_registration(row.text)


def _owner_points(label: str, name: str) -> float:
    """Return the points to take from a row below a name that tells whose or where it is."""
    is_numbered = bool(_ENDS_IN_A_NUMBER.search(label)) and not has_trade_word(label)
    is_slogan = tells_since_when(label) or _says_what_it_is(label)
    return _WHOSE * (name[0].islower() or is_numbered or is_slogan or tells_whose(label, name))


def _says_what_it_is(label: str) -> bool:
    """Return whether a row only describes the shop above: ``Modern Indian Dining``."""
    words = label.split()
    return (
        label[:1] != "&"
        and any(map(is_describing, words))
        and all(is_describing(word) or is_trade_word(word) for word in words)
    )


def _digits(name: str) -> int:
    """Return the number of digits in a name, but for those of the year it was founded."""
    return sum(sign.isdigit() for sign in _FOUNDED.sub("", name))


def is_surely_read(parts: tuple[Row, ...]) -> bool:
    """Return whether OCR was sure of what it read: of handwriting and stamps it is not."""
    return min(line.confidence for row in parts for line in row.lines) >= _UNSURE


def _print_points(name: str, label: str, parts: tuple[Row, ...]) -> float:
    """Return the points to take from a text by how it is printed and read."""
    points = 0.0
    if not is_surely_read(parts):
        points += 1.5
    if (len(label) < 4 and name.isascii()) or _digits(name) > _MOST_DIGITS:
        points += 2.0
    if name.endswith(("?", "!")) or name.islower():
        points += 1.0
    if _RULER.search(parts[0].text):
        points += 2.0
    return points


def _said_points(name: str, first: Row) -> float:
    """Return the points to take from a text that says more than a name."""
    points = 3.0 if is_sentence(name) else 0.0
    if names_customer(first.label):
        points += 4.0
    return points + (4.0 if sender_of(first.text) else 0.0)


def _is_place(name: str, label: str, is_first: bool) -> bool:
    """Return whether it is an address: ``Rowan Street Books`` has the words of one, and is none.

    Nor is what ends as a street, without a number, where nothing is above it: a branch.
    """
    found = ADDRESS.search(label)
    if not found:
        return False
    if "," in name or any(sign.isdigit() for sign in label):
        return True
    is_inside = found.start() > 0 and (is_first or found.end() < len(label))
    return not is_inside and not any(map(is_trade_word, (found[0], *label.split()[-1:])))


def _is_street(label: str) -> bool:
    """Return whether it is an address, and not a shop that has one in its name."""
    if not is_address(label):
        return False
    return not any(map(is_trade_word, label.split()[:1])) or has_postcode(label)
