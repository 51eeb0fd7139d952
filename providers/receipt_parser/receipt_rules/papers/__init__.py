"""Papers: what kind of paper it is, where that changes what its total means.

A credit note is money back. A quotation, an interim bill, a voided sale or a declined card is no
expense, although it prints a total as a receipt does. Two receipts on one picture are two expenses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.papers.kinds import Labels, money_back, no_receipt, void
from providers.receipt_parser.receipt_rules.papers.several import has_another_receipt
from providers.receipt_parser.receipt_rules.papers.titles import SENTENCES
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_SHOWN = 60
"""Characters of a row that a doubt quotes."""
_SAYS_REFUND = re.compile(
    r"\bREFUND(ED)? (TO|TOTAL|AMOUNT|DUE)|\b(AMOUNT|TOTAL|CASH|CARD) REFUND(ED)?\b|\bREFUND$"
    r"|\bGUTSCHRIFTSBETRAG|\bERSTATTUNGSBETRAG|\bRUECKZAHLUNGSBETRAG|\bAUSZAHLUNG\b|\bREMBOURSE\b"
    r"|\bREEMBOLSADO|\bTOTAL (CREDIT|AVOIR)\b"
)
_TOTAL_REFUNDED = re.compile(
    r"^(TOTAL|AMOUNT|TOTAL AMOUNT) (REFUND(ED)?|(TO BE|TO) REFUND(ED)?)( [A-Z]{3})?$"
    r"|^(YOUR )?REFUND(ED)? (TOTAL|AMOUNT|DUE)( [A-Z]{3})?$"
    r"|^(TOTAL )?ERSTATTUNGSBETRAG( EUR| CHF)?$"
    r"|^(TOTAL|MONTANT) (REMBOURSE|A REMBOURSER)"
    r"|^(TOTAL|IMPORTE) (REEMBOLSADO|DEVUELTO|A REEMBOLSAR)"
    r"|^(TOTALE|IMPORTO) (RIMBORSATO|DA RIMBORSARE)"
    r"|^(TOTAAL|BEDRAG) (TERUGBETAALD|TERUG TE BETALEN)|^DO ZWROTU( ZL| PLN)?$"
    r"|^ATT (ERHAA?LLA|AA?TERFAA?)\b|^TERUG TE (ONTVANGEN|BETALEN)\b|^ZU ERSTATTEN\b"
    r"|^UKUPNA REFUNDACIJA\b|^KWOTA ZWROTU\b|^IMPORTO ACCREDITATO\b|^VRACENA CASTKA\b"
    r"|^(VALOR|TOTAL) (A DEVOLVER|DEVOLVIDO|ESTORNADO|REEMBOLSADO)\b"
)
"""A whole label: the total of a paper that gives money back."""
_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})
_PRICE = re.compile(r"^(CASH|CARD|CREDIT( CARD)?|DEBIT) (TOTAL|PRICE)$|^TOTAL (CASH|CARD|CREDIT)$")


@dataclass(frozen=True)
class Paper:
    """What kind of paper it is: ``is_refund`` if its title says that money went back.

    ``mentions_refund`` if only other words do. ``doubts`` say in words why it may be no expense,
    or more than one.
    """

    is_refund: bool = False
    mentions_refund: bool = False
    doubts: tuple[str, ...] = ()


def paper_of(rows: list[Row], entries: list[Entry]) -> Paper:
    """Return what kind of paper the rows are printed on."""
    labels = Labels(rows, entries)
    back = money_back(labels)
    says_refund = any(
        _SAYS_REFUND.search(entry.label) and not SENTENCES.search(entry.label) for entry in entries
    )
    return Paper(
        is_refund=back == "title" or _is_total_refunded(entries),
        mentions_refund=back == "words" or says_refund,
        doubts=tuple(_doubts(labels, entries)),
    )


def _is_total_refunded(entries: list[Entry]) -> bool:
    """Return whether all totals are called a refund: no other says that money was spent."""
    totals = [entry for entry in entries if entry.role in _TOTALS and not entry.in_summary]
    return bool(totals) and all(_TOTAL_REFUNDED.search(entry.label) for entry in totals)


def _doubts(labels: Labels, entries: list[Entry]) -> Iterator[str]:
    if (row := void(labels)) is not None:
        yield f"it may be void: {row.text[:_SHOWN]}"
    if (row := no_receipt(labels)) is not None:
        yield f"it may be no receipt: {row.text[:_SHOWN]}"
    if has_another_receipt(labels.rows, entries):
        yield "there may be several receipts in it"
    if len(_prices(entries)) > 1:
        yield "it has a price for cash and another for cards"
    if any(entry.role is Role.ARREARS and entry.cents for entry in entries):
        yield "it has a balance of earlier bills"
    if any(entry.role is Role.DEPOSIT and entry.cents for entry in entries):
        yield "a part was paid before"


def _prices(entries: list[Entry]) -> set[int]:
    """Return the totals that are asked for by the way of paying."""
    return {entry.cents for entry in entries if _PRICE.search(entry.label)}
