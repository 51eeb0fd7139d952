"""Merchants: the seller's name, from the head of the receipt.

The name is among logos, slogans, stamps, registration numbers and addresses, sometimes on two
lines. Each row is scored by features that names have and addresses or slogans do not. Where a shop
and its company, or two other names, are as likely, a person decides.
"""

from models import MAX_MERCHANT_CHARACTERS
from providers.merchant_names import is_markup
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.candidates import (
    Candidate,
    head_of,
    may_be_name,
    names_at,
    senders,
)
from providers.receipt_parser.receipt_rules.merchants.evidence import Evidence, is_surely_read
from providers.receipt_parser.receipt_rules.merchants.heads import (
    customers_of,
    from_letterhead,
    is_address,
    is_sentence,
)
from providers.receipt_parser.receipt_rules.merchants.known import NOBODY, KnownMerchants
from providers.receipt_parser.receipt_rules.merchants.names import clean_name
from providers.receipt_parser.receipt_rules.merchants.reading import MerchantReading
from providers.receipt_parser.receipt_rules.merchants.recognition import recognized
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import (
    has_legal_form,
    is_of_malaysia,
)
from providers.receipt_parser.receipt_rules.merchants.words.titles import mentions_paper
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import (
    has_trade_word,
    is_trade_word,
)
from providers.receipt_parser.receipt_rules.rows import Box, Row, enclosing
from providers.receipt_parser.receipt_rules.vocabulary import fold

_LEAST_CONFIDENCE = 0.5
_LEAST_MARGIN = 0.4
"""In points: how far the best name must be ahead of the next."""
_FAR_DOWN = 5
"""The number of the row below which a name is rather something else."""
_OF_SOMETHING_ELSE = 0.35
"""Confidence in such a name, and in one of two that are as likely."""
_OF_A_LIKELY_SHOP = 0.45
"""Confidence in a name of several words above a company's, which is usually the shop's, and in one
without its beginning."""
_OF_A_SHOP = 0.8
"""Confidence in a shop's name above that of its company."""
_WORDS_OF_A_PERSON = (2, 3)
_CUSTOMER = 9.0
"""Points that a name loses where the customer's name stands."""
_CREDIBLE = 2.5
"""Points of a row that has nothing against its being a name."""
_NUMBER = 3
"""Signs at the end of a row among which there is a digit if it has a number, as titles do."""
_LARGER = 1.3
"""How much taller a shop's name is than its company's, where that is meant to tell."""


def find_merchant(rows: list[Row], known: KnownMerchants = NOBODY) -> MerchantReading | None:
    """Return the merchant, or None if the head of the receipt has no name.

    One that the user has confirmed before is called as it was then, and is no doubt.
    """
    rows = from_letterhead(rows)
    head = head_of(rows)
    customers = customers_of(rows[: len(head) + 1])
    read = _most_likely(head, rows, customers)
    return recognized(read, head, customers, known)


def _most_likely(head: list[Row], rows: list[Row], customers: set[Box]) -> MerchantReading | None:
    if not head:
        return None
    evidence = Evidence(rows, _places(head))
    candidates = [found for index in range(len(head)) for found in names_at(index, head, evidence)]
    for candidate in candidates:
        if any(row.box in customers for row in candidate.rows):
            candidate.score -= _CUSTOMER
    ranked = sorted(
        [*candidates, *senders(head, evidence)], key=lambda candidate: candidate.score, reverse=True
    )
    if not ranked or ranked[0].score <= 0:
        return None
    best = ranked[0]
    confidence = min(0.98, 0.3 + 0.08 * best.score)
    is_likely = confidence >= _LEAST_CONFIDENCE
    shop = _shop_of(best, candidates, evidence)
    is_rivalled = any(
        best.score - other.score < _LEAST_MARGIN and not _is_same(best.name, other.name)
        for other in ranked[1:]
    )
    is_far_down = best.index > _FAR_DOWN and not has_legal_form(best.name)
    if shop is not None:
        best, confidence = shop, _confidence_in_shop(shop, best, evidence)
        is_likely = confidence >= _OF_A_LIKELY_SHOP
    elif is_rivalled or is_far_down or _is_below_another(best, candidates):
        confidence, is_likely = min(confidence, _OF_SOMETHING_ELSE), False
    elif best.name.startswith("&"):  # its beginning could not be read
        confidence = min(confidence, _OF_A_LIKELY_SHOP)
    return _reading(best, confidence, is_likely)


def _reading(best: Candidate, confidence: float, is_likely: bool) -> MerchantReading:
    lines = tuple(line for row in best.rows for line in row.lines)
    name = best.name[:MAX_MERCHANT_CHARACTERS]
    is_doubtful = confidence < _LEAST_CONFIDENCE or is_markup(name)
    return MerchantReading(
        name,
        confidence=confidence,
        box=enclosing(lines),
        page=lines[0].page,
        doubt=f"{name} may not be the merchant" if is_doubtful else None,
        is_likely=is_likely,
    )


def _places(head: list[Row]) -> list[int]:
    """Return for each row of the head how many are above it, from the first that may be a name."""
    places = [0]
    for row in head[:-1]:
        is_first = bool(find_amounts(row.text)) or (
            may_be_name(clean_name(row.text), row)
            and not is_address(row.label)
            and not is_sentence(row.text)
        )
        places.append(places[-1] + (is_first or places[-1] > 0))
    return places


def _shop_of(best: Candidate, candidates: list[Candidate], evidence: Evidence) -> Candidate | None:
    """Return the name of the shop above that of its company, if there is one.

    Receipts in Malaysia are called by the company. Further up, it must have more than its place.
    """
    if not has_legal_form(best.name) or is_of_malaysia(best.name):
        return None
    above = (
        one
        for one in candidates
        if one.index + len(one.rows) <= best.index
        and _is_credible(one)
        and not _is_same(one.name, best.name)
        and (one.index + len(one.rows) == best.index or _is_shown(one, best, evidence))
    )
    return max(above, key=lambda one: one.score, default=None)


def _is_credible(one: Candidate) -> bool:
    """Return whether nothing is against its being a shop's name."""
    is_other = has_legal_form(one.name) or one.name.islower() or mentions_paper(fold(one.name))
    has_number = any(sign.isdigit() for sign in one.name[-_NUMBER:])
    is_title = one.name.endswith(("!", "?")) or (has_number and not has_trade_word(fold(one.name)))
    return one.score >= _CREDIBLE and not is_other and not is_title


def _confidence_in_shop(shop: Candidate, company: Candidate, evidence: Evidence) -> float:
    """Return the confidence in a name above that of a company: one word alone may be a title."""
    if _is_shown(shop, company, evidence):
        return _OF_A_SHOP
    return _OF_A_LIKELY_SHOP if " " in shop.name else _OF_SOMETHING_ELSE


def _is_shown(shop: Candidate, company: Candidate, evidence: Evidence) -> bool:
    """Return whether more than its place tells that a name is the shop's."""
    label = fold(shop.name)
    own = {word for word in label.split() if len(word) > _NUMBER and not is_trade_word(word)}
    is_larger = shop.rows[0].height > _LARGER * company.rows[0].height
    return (
        is_larger
        or has_trade_word(label, shop.name)
        or evidence.is_in_a_link(label)
        or not own.isdisjoint(fold(company.name).split())
    )


def _is_below_another(best: Candidate, candidates: list[Candidate]) -> bool:
    """Return whether a name has only a trade's word more than one above it.

    ``Zafferelli`` is above ``Italian Kitchen``; a person is above the name of their shop.
    """
    return not has_legal_form(best.name) and any(
        one.index + len(one.rows) <= best.index
        and is_surely_read(one.rows)
        and _is_credible(one)
        and not _may_be_person(one.name)
        and not _is_same(one.name, best.name)
        for one in candidates
    )


def _may_be_person(name: str) -> bool:
    words = name.split()
    return len(words) in _WORDS_OF_A_PERSON and all(
        word[0].isupper() and word.replace(".", "").replace("-", "").isalpha() for word in words
    )


def _is_same(one: str, other: str) -> bool:
    """Return whether a name is a part of the other, such as without its legal form."""
    shorter, longer = sorted((fold(one).replace(" ", ""), fold(other).replace(" ", "")), key=len)
    return shorter in longer
