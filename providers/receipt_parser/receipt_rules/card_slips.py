"""Card slips: the amount that a terminal prints again below the receipt.

Its row is called AMOUNT or MONTANT, as a total is. It is what the card paid, so it bears the total
out, and one that differs is a doubt.
"""

import re
from dataclasses import replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_AMOUNT = re.compile(
    r"^(TOTAL |SALE |PURCHASE |TRANSACTION |TXN |BASE )?(AMOUNT|MONTANT( REEL)?|BETRAG|IMPORTE"
    r"|IMPORTO|VALOR|BEDRAG|BELOPP|BELOE?B|SUMMA|SUMME|KWOTA|CASTKA|IZNOS|ZNESEK|OE?SSZEG|TUTAR"
    r"|SUMA|TOTAL|TOTAAL|TOTALE|SALE|PURCHASE|MONTO)( [A-Z]{1,3})?$"
)
_OF_A_TERMINAL = re.compile(
    r"\bA0{4}\d{6,}\b|\b(AID|AUTH(ORI[SZ]ATION)?|APPROV(ED|AL)|APPR|RRN|TVR|TSI|TID|TERMINAL( ID)?"
    r"|GENEHMIGUNG\w*|AUTORI[SZ]\w+|NO AUTO|BETALINGSTERMINAL)\b"
)
_OF_A_CARD = re.compile(
    r"\b(CONTACTLESS|SANS CONTACT|KONTAKTLOS|CARTE BANCAIRE|TICKET CLIENT|KUNDENBELEG|KLANTTICKET"
    r"|COPIA CLIENTE|(CLIENT|CUSTOMER|CARDHOLDER) COPY|PIN VERIFIED|VERIFIED BY PIN|DEBIT|CREDIT"
    r"|VISA|MASTERCARD|MAESTRO|GIROCARD|AMEX)\b"
)
_MASKED = re.compile(r"[*xX\u2022\u00b7#]{4,}[\s-]?\d{3,4}\b|\b\d{4,6}[*xX]{4,}")
_TO_BE_WRITTEN = re.compile(r"^(TIP|GRATUITY|TOTAL|PROPINA|POURBOIRE|TRINKGELD|DRICKS)$")
"""Left blank for a tip: then the card may have paid more."""
_NEAR = 6
"""Rows above and below the amount in which a terminal says what it is."""
_LEAST_SIGNS = 2
_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})


def with_card_slips(entries: list[Entry], rows: list[Row]) -> list[Entry]:
    """Return the entries, the total that a card slip repeats below the first one as a payment.

    Where it prints another amount, such as one with a tip, nothing changes.
    """
    totals = [entry for entry in entries if entry.role in _TOTALS and not entry.in_summary]
    if len(totals) < 2 or len({entry.cents for entry in totals}) > 1:
        return entries
    first = totals[0].index
    return [
        replace(entry, role=Role.CARD) if _is_slip(entry, first, rows) else entry
        for entry in entries
    ]


def _is_slip(entry: Entry, first: int, rows: list[Row]) -> bool:
    is_amount = entry.role in _TOTALS and not entry.in_summary and len(entry.amounts) == 1
    if not is_amount or entry.index <= first or not _AMOUNT.search(entry.label):
        return False
    above, below = rows[first + 1 : entry.index], rows[entry.index + 1 :]
    near = above[-_NEAR:] + below[:_NEAR]
    if any(_TO_BE_WRITTEN.search(row.label) for row in near):
        return False
    technical = [
        row for row in near if _OF_A_TERMINAL.search(row.label) or _MASKED.search(row.text)
    ]
    others = [row for row in near if row not in technical and _OF_A_CARD.search(row.label)]
    return bool(technical) and len(technical) + len(others) >= _LEAST_SIGNS
