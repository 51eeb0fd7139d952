"""Recognition: a merchant that the user has confirmed before is read by that name.

Only a name that the paper bears out counts: that is read itself, but for a slip of OCR, or stands
alone at the top. Where two known names may be meant, nothing is recognized.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace

from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.heads import cells
from providers.receipt_parser.receipt_rules.merchants.known import KnownMerchants
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.rows import Box, Row

_CERTAIN = 0.8
"""Confidence in a name, such as of one with a legal form, beside which no other is looked for."""
_KNOWN = 0.95
"""Confidence in a name that the user has confirmed before."""
_TOP_ROWS = 6
"""In which a known name is the merchant's where nothing else is certain."""
_NAME_ROWS = 3
"""A name may be printed over so many rows."""


def recognized(
    read: MerchantReading | None,
    head: Sequence[Row],
    customers: Container[Box],
    known: KnownMerchants,
) -> MerchantReading | None:
    """Return what was read, under its known name and without a doubt if it has one.

    A known name that stands at the top in full is preferred to another that is not certain, and
    one with a slip to another that is doubtful. ``customers`` are the boxes of their names.
    """
    named = known.named(read.name) if read else None
    is_doubtful = read is None or read.doubt is not None
    if read is not None and not is_doubtful and (named or read.confidence >= _CERTAIN):
        return replace(read, name=named or read.name)
    printed = _known_in(head, customers, known.named if is_doubtful else known.in_full)
    if len(printed.keys() | ({named} if named else set())) != 1:
        return read
    if read is not None and named:
        return replace(read, name=named, confidence=_KNOWN, doubt=None)
    ((name, row),) = printed.items()
    return MerchantReading(name, confidence=_KNOWN, box=row.box, page=row.page)


def _known_in(
    head: Sequence[Row], customers: Container[Box], known: Callable[[str], str | None]
) -> dict[str, Row]:
    """Return the known names that stand alone at the top of a receipt, each with its row.

    ``known`` tells which a text is. None that stands where a customer does is one.
    """
    found: dict[str, Row] = {}
    for row in _alone(head[:_TOP_ROWS], customers):
        for text in (clean_name(row.text), row.text):
            if name := known(text):
                found.setdefault(name, row)
    return found


def _alone(head: Sequence[Row], customers: Container[Box]) -> Iterator[Row]:
    """Yield what stands for itself: each column, and rows with those below, as a long name is."""
    for index, row in enumerate(head):
        if find_amounts(row.text):
            continue
        yield from (part for part in cells(row) if part.box not in customers)
        for end in range(index + 2, min(index + _NAME_ROWS, len(head)) + 1):
            joined = head[index:end]
            if not any(one.box in customers or len(cells(one)) > 1 for one in joined):
                yield Row(tuple(line for one in joined for line in one.lines))
