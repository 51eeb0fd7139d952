"""Titles: what a paper is called, alone in a row or beside another column.

A seller's name on the left and ``CREDIT NOTE`` on the right are one row. A title that is looked
for only in whole rows is missed there, and money that came back is taken for money spent.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from providers.receipt_parser.receipt_rules.dates.months import is_month
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold
from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases
from providers.receipt_parser.receipt_rules.vocabulary.papers.titles import TITLE_WORDS

_LONGEST = 60
"""In characters of a folded label: a longer one is a sentence."""
_MOST_COLUMNS = 6
"""Of a row whose columns are looked at."""
_COLUMN_GAP = 1.0
"""In heights of the row: how far apart two columns are at least; words are a third."""
_LONGEST_SERIES = 4
"""Letters of a series of papers."""
SENTENCES = re.compile(
    r"\b(IF|WITHOUT|UNLESS|AFTER|WHERE|WHEN|POLICY|WITHIN|DAYS|ACCEPTED|ALLOWED|BRING|PLEASE"
    r"|MUST|CAN|WILL"
    r"|MAY|NO REFUNDS?|KEEP|TAGE|TAGEN|JOURS|DIAS|GIORNI|PUNKTE?|POINTS|DAGEN|DAGAR|DAGER|DAGE"
    r"|PAEIVAEAE?|DNI|NAP|GUEN|ZILE)\b"
)
"""Words of sentences about what would be."""


_LEGAL_FORM = re.compile(
    r"\b(?:LTD|LIMITED|LLC|INC|CORP|PLC|PTY|GMBH|MBH|AG|KG|OHG|E K|SARL|SAS|S A R L|S A S|SA|S A"
    r"|DE C V|S L U?|SLU?|SRLS?|S R L S?|S P A|SPA|S N C|SNC|B V|BV|N V|NV|AB|APS|A S|AS|OYJ?|Z O O"
    r"|S R O|SRO|KFT|BT|ZRT|LDA|LTDA|D O O|DOO|SIRKETI|STI|SDN BHD) (?=\w)"
)
"""Ends a seller's name: what is behind it was printed beside it, and joined by OCR."""


def columns_of(row: Row) -> tuple[str, ...]:
    """Return the folded labels of the columns of a row, and of what is behind a seller's name."""
    return tuple(dict.fromkeys(each for label in _columns(row) for each in _behind_name(label)))


def _behind_name(label: str) -> Iterator[str]:
    yield label
    if len(label) > 2 * _LONGEST:
        return
    ends = [form.end() for form in _LEGAL_FORM.finditer(label)]
    yield from (label[end:] for end in {*ends[:1], *ends[-1:]})


def _columns(row: Row) -> Iterator[str]:
    starts = [0]
    for index, (line, after) in enumerate(pairwise(row.lines), start=1):
        if after.box[0] - line.box[2] > _COLUMN_GAP * row.height:
            starts.append(index)
    ends = (*starts[1:], len(row.lines))
    columns = (row.lines[start:end] for start, end in zip(starts, ends, strict=True))
    for column in list(columns)[:_MOST_COLUMNS]:
        text = " ".join(line.text for line in column)
        if len(column) == len(row.lines):
            yield row.label
        elif _may_be_title(text):
            yield fold(text)


def _may_be_title(text: str) -> bool:
    return len(text) <= 2 * _LONGEST and any(sign.isalpha() for sign in text)


def is_short(label: str) -> bool:
    """Return whether a folded label is no sentence."""
    return len(label) <= _LONGEST and not SENTENCES.search(label)


def has_title(label: str, names: Phrases, is_free: bool = False) -> bool:
    """Return whether a folded label is one of the names, with words that titles have around it.

    ``is_free`` if other words may follow a number, such as who it is for.
    """
    words = label.split()
    if words[:1] == ["NO"] and words[1:2] and not words[1][0].isdigit():
        return False  # such as "no returns"
    start = 0
    while start < len(words) and not names.length_at(words, start):
        if not (length := _length_around(words, start)):
            return False
        start += length
    if start == len(words):
        return False
    return _only_title_words(words, start, names, is_free)


def _only_title_words(words: list[str], start: int, names: Phrases, is_free: bool) -> bool:
    while start < len(words):
        length = names.length_at(words, start) or _length_around(words, start)
        if not length:
            return False
        if is_free and words[start][-1].isdigit():
            return True
        start += length
    return True


def _length_around(words: list[str], start: int) -> int:
    word = words[start]
    if len(word) == 1 or is_month(word) or any(sign.isdigit() for sign in word):
        return 1
    return TITLE_WORDS.length_at(words, start) or _is_series(words, start)


def _is_series(words: list[str], start: int) -> bool:
    """Return whether a word is the letters before a paper's number, as in ``NC 2026/14``."""
    after = words[start + 1 : start + 2]
    return len(words[start]) <= _LONGEST_SERIES and bool(after) and after[0].isdigit()


def consists_of(label: str, *families: Phrases) -> Iterator[int]:
    """Yield, for each phrase of a folded label, the number of its family; -1 for other words."""
    words = label.split()
    start = 0
    while start < len(words):
        lengths = [family.length_at(words, start) for family in families]
        longest = max(lengths)
        yield lengths.index(longest) if longest else -1
        start += longest or 1
