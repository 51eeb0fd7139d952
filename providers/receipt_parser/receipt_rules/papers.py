"""Papers: what kind of paper it is, where that changes what its total means.

A credit note is money back. A quotation, an interim bill, a voided sale or a declined card is no
expense, although it prints a total as a receipt does. Two receipts on one picture are two expenses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_LONGEST_TITLE = 60
"""In characters of a folded row: a longer one is a sentence."""

_REFUND = (
    r"REFUND(ED)?|(SALES |MERCHANDISE |CASH |CUSTOMER )?RETURNS?|CREDIT (NOTE|MEMO)|CREDITNOTE"
    r"|GUTSCHRIFT|RETOURE|RUECKGABE|RUECKERSTATTUNG|ERSTATTUNG|RECHNUNGSKORREKTUR|STORNORECHNUNG"
    r"|RUECKZAHLUNG|AVOIR|FACTURE D AVOIR|REMBOURSEMENT|NOTE DE CREDIT|ABONO|DEVOLUCION"
    r"|NOTA DE (CREDITO?|ABONO)|FACTURA RECTIFICATIVA|REEMBOLSO|DEVOLUCAO|RESO|RIMBORSO"
    r"|NOTA DI CREDITO?|CREDITNOTA|CREDITFACTUUR|RETOUR(BON)?|TERUGBETALING|KREDITNOTA"
    r"|KREDITFAKTURA"
    r"|KREDITNOTE|ATERBETALNING|ATERKOP|RETUR(KVITTO)?|HYVITYS(LASKU)?|PALAUTUS|ZWROT"
    r"|KOREKTA|FAKTURA KORYGUJACA|DOBROPIS|VRATKA|JOVAIRAS|SZTORNO SZAMLA|IADE( FISI)?"
)
_TITLE_REST = (
    r"(SLIP|RECEIPT|BON|BELEG|NO|NR|N|NUMBER|NUM|DATE|COPY|TRANSACTION|INVOICE|RECHNUNG|SALE|FOR"
    r"|ORIGINAL|TAX|ZUR|ZU|MERCHANDISE|DE|DU|VENTE|REF|OF|GOODS|TICKET|PAYMENT"
    r"|[A-Z]{0,4}\d[A-Z\d]*)"
)
_IS_REFUND = re.compile(rf"^(TAX )?({_REFUND})( {_TITLE_REST})*$")
_SAYS_REFUND = re.compile(
    r"\bREFUND(ED)? (TO|TOTAL|AMOUNT|DUE)|\b(AMOUNT|TOTAL|CASH|CARD) REFUND(ED)?\b|\bREFUND$"
    r"|\bGUTSCHRIFTSBETRAG|\bERSTATTUNGSBETRAG|\bRUECKZAHLUNGSBETRAG|\bAUSZAHLUNG\b|\bREMBOURSE\b"
    r"|\bREEMBOLSADO|\bTOTAL (CREDIT|AVOIR)\b"
)

_VOID = re.compile(
    r"^(\w+ )?(TRANSACTION|SALE|TRANS|RECEIPT|TICKET|ORDER|BILL|PAYMENT)?( WAS| IS| HAS BEEN)? ?"
    r"(VOID(ED)?|CANCELL?ED)( (TRANSACTION|SALE|RECEIPT|TICKET|ORDER|COPY))?$"
    r"|\b(VOID(ED)?|CANCELL?ED) (TRANSACTION|SALE|RECEIPT|TICKET)\b"
    r"|\bDECLINED\b|\b(CARD |PAYMENT )?(WAS )?NOT (CHARGED?|APPROVED|AUTHORI[SZ]ED)\b"
    r"|^(\w+ )?(BELEG |BON )?(STORNIERT|STORNO|STORNOBELEG|ABGELEHNT|ABGEBROCHEN)$"
    r"|\bZAHLUNG (ABGELEHNT|NICHT ERFOLGT|ABGEBROCHEN)\b"
    r"|^(\w+ )?(TICKET |VENTE |VENTA |TRANSACTION |PAIEMENT |OPERACION |PAGAMENTO )?(ANNULEE?"
    r"|ANULAD[OA]"
    r"|ANNULLATO|REFUSEE?|RECHAZAD[OA]|DENEGADA|RIFIUTATO|GEANNULEERD|GEWEIGERD|MAKULERA[DT]"
    r"|ANNULLERET|ANNULLERT|AVVIST|NEKAD|ANULOWAN[OYA]|ODRZUCONA|STORNOVANO|IPTAL)$"
    r"|^TRAINING( MODE| RECEIPT| SALE)?$|\bTRAINING MODE\b|^SPECIMEN$|^MUSTER$|^(SAMPLE"
    r"|TEST) RECEIPT$"
)
_NO_RECEIPT = re.compile(
    r"\bPRO ?FORMA\b|\bZWISCHENRECHNUNG|\bKEINE? (RECHNUNG|BELEG|QUITTUNG|KASSENBELEG"
    r"|ZAHLUNGSBELEG)"
    r"|\b(NOT|NO) AN? (\w+ )?(RECEIPT|INVOICE|BILL|VALID)\b|\bNOT A (TAX|FISCAL|VAT)\b"
    r"|^(\w+ )?(QUOTATION|QUOTE|ESTIMATE)( (NO|NR|NUMBER|DATE|FOR|REF)\b.{0,30}| [A-Z]?"
    r"| [A-Z]{0,4}\d\w*)*$"
    r"|\b(INTERIM|PRELIMINARY|PROVISIONAL|PRE) (BILL|INVOICE|CHECK|RECEIPT)\b"
    r"|^(\d )?(KOSTENVORANSCHLAG|ANGEBOT|AUFTRAGSBESTAETIGUNG|LIEFERSCHEIN|MAHNUNG"
    r"|ZAHLUNGSERINNERUNG"
    r"|VORABRECHNUNG|DEVIS|BON DE COMMANDE|BON DE LIVRAISON|PRESUPUESTO|ALBARAN"
    r"|PREVENTIVO|PRECONTO|OFFERTE|ORCAMENTO|TILBUD|OFFERT|TARJOUS|OFERTA|NABIDKA|TEKLIF|ARAJANLAT"
    r"|DELIVERY NOTE|PACKING (SLIP|LIST)|ORDER CONFIRMATION|PAYMENT REMINDER"
    r"|NOTE PROVISOIRE|CUENTA PROVISIONAL|CONSULTA DE MESA)\b( (NO|NR|N|NUM)?\b.{0,20})?$"
    r"|\bNIEFISKALNY|\bNON FISCALE\b|\bNO FISCAL\b|\bDOCUMENT PROVISOIRE|\bADDITION PROVISOIRE"
    r"|\bNE PAS (PAYER|VALOIR)|\bSIN VALOR FISCAL|\bEJ KVITTO\b|\bINTE ETT KVITTO"
    r"|\bGEEN (GELDIGE )?BON"
)
_SAYS_OTHERWISE = re.compile(
    r"\b(IF|WITHOUT|UNLESS|AFTER|WHERE|WHEN|POLICY|WITHIN|DAYS|ACCEPTED|ALLOWED|BRING|PLEASE"
    r"|MUST|CAN"
    r"|MAY|NO REFUNDS?|KEEP|TAGE|JOURS|DIAS|GIORNI|PUNKTE?|POINTS)\b"
)
"""Words of sentences about what would be."""
_PRICE = re.compile(r"^(CASH|CARD|CREDIT( CARD)?|DEBIT) (TOTAL|PRICE)$|^TOTAL (CASH|CARD|CREDIT)$")
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b")


@dataclass(frozen=True)
class Paper:
    """What kind of paper it is: ``is_refund`` if its title says that money went back.

    ``mentions_refund`` if only a row with an amount does. ``doubts`` say in words why it may be no
    expense, or more than one.
    """

    is_refund: bool = False
    mentions_refund: bool = False
    doubts: tuple[str, ...] = ()


def paper_of(rows: list[Row], entries: list[Entry]) -> Paper:
    """Return what kind of paper the rows are printed on."""
    with_amounts = {entry.index for entry in entries}
    titles = [row for index, row in enumerate(rows) if index not in with_amounts]
    return Paper(
        is_refund=any(_IS_REFUND.search(label) for label in map(_title, titles)),
        mentions_refund=any(
            _SAYS_REFUND.search(entry.label) and not _SAYS_OTHERWISE.search(entry.label)
            for entry in entries
        ),
        doubts=tuple(_doubts(rows, titles, entries)),
    )


def _title(row: Row) -> str:
    label = row.label
    is_short = len(label) <= _LONGEST_TITLE and not _SAYS_OTHERWISE.search(label)
    return label if is_short else ""


def _doubts(rows: list[Row], titles: list[Row], entries: list[Entry]) -> Iterator[str]:
    for row in titles:
        if _VOID.search(_title(row)):
            yield f"it may be void: {row.text[:_LONGEST_TITLE]}"
            break
    for row in rows:
        if _NO_RECEIPT.search(_title(row)):
            yield f"it may be no receipt: {row.text[:_LONGEST_TITLE]}"
            break
    if _has_another_receipt(rows, entries):
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


def _has_another_receipt(rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether the head is printed again below a total, with another total or time.

    A copy of the same receipt counts once, and a card slip has no other total.
    """
    totals = [e for e in entries if e.role in (Role.TOTAL, Role.GRAND_TOTAL) and not e.in_summary]
    if not totals:
        return False
    heads = {_letters(row) for row in rows[:2] if len(_letters(row)) >= 6}
    starts = [
        index
        for index, row in enumerate(rows)
        if index > totals[0].index and _letters(row) in heads
    ]
    if not starts:
        return False
    start = starts[0]
    first = {abs(total.cents) for total in totals if total.index < start}
    second = {abs(total.cents) for total in totals if total.index > start}
    if second and not second & first:
        return True
    return bool(second) and bool(_numbers(rows[start:]) - _numbers(rows[:start]))


def _letters(row: Row) -> str:
    return "".join(sign for sign in row.label if sign.isalpha())


def _numbers(rows: list[Row]) -> set[str]:
    """Return the times of rows that have a number of at least four digits, too: tickets do."""
    return {
        time[0]
        for row in rows
        for time in _TIME.finditer(row.text)
        if sum(sign.isdigit() for sign in row.text) >= 8
    }
