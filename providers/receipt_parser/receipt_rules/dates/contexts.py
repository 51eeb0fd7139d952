"""Contexts: what the words around a date say about it.

Receipts print many days: when the invoice is due, what was ordered and delivered when, until when
goods may be returned, since when somebody is a customer. Only one of them is the day of purchase.
"""

import re
from itertools import pairwise

from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

NAMED, ANOTHER_DAY = 2.0, -4.0
_ORDERED, _CAME, _WENT, _IN_A_TABLE = -1.5, -3.0, -1.0, -1.5
_AT_A_TIME = 1.5
_OF_THE_PAPER = 1.5
"""Points."""

_NAMED = re.compile(
    r"\bDATES?\b|\bDATUM\b|\bTARIKH\b|\bBIZDATE\b|\bDT\b|DATE\b|DATUM\b|\bDATO\b|\bDATA\b|\bFECHA\b"
    r"|\bPVM\b|\bPAE?IVAE?YS\b|\bTARIH\b|\bDNE\b|\bKELT\b|\bISSUED\b|\bEMISSION"
    r"|\bSAELGSDATO\b|^LE \d"
)
_ISSUED = re.compile(
    r"\b(INVOICE|BILL|RECEIPT|TRANSACTION|TICKET) DATE|\bDATED?( OF)? (ISSUED?|INVOICE|RECEIPT"
    r"|PURCHASE|SALE)\b|\bISSUED?( ON| DATE| AT)?\b|\b(RECHNUNGS|BELEG|BON|KAUF|AUSSTELLUNGS)DATUM"
    r"|\bAUSGESTELLT|\bDATE (DE |D )?(LA )?(FACTURE|FACTURATION|EMISSION|VENTE|TICKET|ACHAT)"
    r"|\b(EMISE?|EMITID[OA]|FACTUREE?|EMESS[OA]|UITGEGEVEN|UTFAE?RDAD|UDSTEDT|UTSTEDT) (LE|EL|EM|IL"
    r"|OP|DEN|AM)\b|\bFECHA (DE )?(LA )?(EMISION|FACTURA|EXPEDICION|COMPRA|VENTA)"
    r"|\bDATA (DI |DE |DA |DEL )?(EMISS\w+|FATTURA|DOCUMENTO|FATURA|COMPRA|WYSTAWIENIA|EMITERII"
    r"|FACTURII?|FAKTURY)|\bWYSTAWION[OA]|\bFACTUUR ?DATUM|\b(BON|AANKOOP)DATUM|\bFAKTURADAT(UM|O)"
    r"|\b(KOE?P|UDSTEDELSES|UTSTEDELSES|KVITTERINGS|KJOE?PS|SALGS)DAT(UM|O)|\bLASKUN? ?PAE?IVAE?"
    r"|\bLASKUPAE?IVAE?|\b(DATUM|DATE) VYSTAVEN[IA]|\bVYSTAVENO|\bKIAE?LLITAE?S|\bFATURA TARIHI"
    r"|\bDUE?ZENLE\w+ TARIHI|\bDATUM (FAKTURE|IZDAVANJA)"
    r"|\b(BOUGHT|PURCHASED|BOOKED|DATE PAID|PAID) ON\b|\bDATE PAID\b|\bGEKAUFT\b|\bGEBUCHT AM"
    r"|\bACHETEE? LE|\bACQUISTATO|\bCOMPRAD[OA] E[LM]|\bGEKOCHT|\bGEBOEKT OP|\bKOE?PT\b|\bKOEBT\b"
    r"|\b(PURCHASED|SOLD|BOOKED)\b(?! BY)|\bVERKAUFT?\b|\bVENDU LE\b|\bVENDIDO E[LM]\b"
    r"|\bKJOE?PT\b|\bOSTETTU\b|\bKUPIONO\b|\bZAKOUPENO\b|\bVASAROLVA|\bSATIN ALMA"
)
"""What the paper itself is dated by."""
OF_AN_INVOICE = re.compile(
    r"\b(INVOICE|BILL|RECHNUNGS|FAKTURA|FACTUUR) ?(DATE|DATUM|DATO)\b|\bDATE (DE )?(LA )?FACTURE\b"
    r"|\bFECHA (DE )?(LA )?FACTURA\b|\bDATA (DI |DA |DELLA )?(FATTURA|FATURA)\b|\bLASKUN PAE?IVAE?"
)
"""What a refund tells of the paper that it is for."""
_ANOTHER_DAY = re.compile(
    r"EXPIR|\bEXP\b|VALID|UNTIL|\bDUE\b|\bSINCE\b|BIRTH|GUELTIG|\bBIS\b|WARRANTY|GARANTI|\bACT\b"
    r"|BEFORE|EFFECTIVE|RETURN|EXCHANGE|\bTHROUGH\b|\bPAY BY\b|\bPAYABLE BY\b|\bBEST BY\b"
    r"|\bUSE BY\b"
    r"|DELIVER|\bSHIPPED|\bDISPATCH|\bPERIOD\b|\bSTATEMENT PERIOD|\bSERVICE (FROM|PERIOD)|\bNEXT\b"
    r"|\bORIGINAL\b|\bLAST (VISIT|PAYMENT)|\bOFFER\b|\bCOUPON|\bPROMO|\bSTARTS?\b|\bENDS?\b"
    r"|\bBORN\b"
    r"|\bCHECK ?IN\b|\bCHECK ?OUT\b|\bARRIVAL|\bDEPARTURE|\bRENEW|\bAPPOINTMENT"
    r"|LIEFER|LEISTUNG|ZEITRAUM|FAELLIG|\bZAHLBAR\b|\bSEIT\b|ANREISE|ABREISE|ANZAHLUNG|\bMHD\b"
    r"|UMTAUSCH|RUECKGABE|MINDESTENS|\bGEBURT"
    r"|ECHEANCE|LIVRAISON|LIVREE?\b|PERIODE|DEPUIS|AVANT LE|JUSQU|ARRIVEE|\bDEPART\b|VALABLE"
    r"|VENCIMIENTO|ENTREGA|PERIODO|DESDE|\bHASTA\b|LLEGADA|SALIDA|VALIDO|CADUCA"
    r"|SCADENZA|CONSEGNA|DECORRENZA|\bFINO\b|VENCIMENTO|VALIDADE|VALIDA\b"
    r"|VERVAL|LEVER(DATUM|ING)|GELDIG|\bSINDS\b|VOOR \d|AANKOMST|VERTREK|BETAAL VOOR|UITERSTE"
    r"|FOE?RFALL|LEVERANS|GILTIG|\bSEDAN\b|\bFORFALD|GYLDIG|\bSIDEN\b|FORFALL|LEVERING"
    r"|ERAE?PAE?IVAE?|TOIMITUS|VOIMASSA|TERMIN|DOSTAW|WAZN[YAE]|PLATNOSC|SPLATNOST|DODANI|PLATNOST"
    r"|\bSUR (LA )?FACTURE|\bRIF(ERIMENTO)? (FATTURA|DOC)|\b(FOR|AGAINST|REF\w*|ORIG\w*) INVOICE"
    r"|\b(ZUR?|UNSERE) RECHNUNG|\b(SOBRE|REF\w*) (LA )?FACTURA|\bOP FACTUUR|\bAVSER FAKTURA"
    r"|\bVEDR\w* FAKTURA|\bDO FAKTURY|\bK FAKTUR|\bREF(ERENTE)? (A )?FATURA"
    r"|FIZETESI HATARIDO|TELJESITES|HATARIDO|VADE|TESLIM|GECERLI"
    r"|\bOUTWARD\b|\bINWARD\b|\bJOURNEY\b|\bTRAVEL (DATE|DAY|ON)|\bDATE OF (TRAVEL|SERVICE"
    r"|TREATMENT)"
    r"|\bTREATMENT DATE|\bREISE(TAG|DATUM)|\bBEHANDLUNG(SDATUM|STAG| VOM| AM)|\bSOINS (DU|LE)"
    r"|\bDATE DES SOINS|\bANDATA\b"
    r"|\bRITORNO\b|\bPARTENZA|\bVIAGGIO|\bIDA\b|\bVUELTA\b|\bVIAJE\b|\bVIAGEM|\bHEENREIS"
    r"|\bTERUGREIS"
    r"|\bVERTREKDATUM|\bREISDATUM|\b(UT|HEM|UD|HJEM)RE(I|J)?S[AE]\b|\bRESA UT|\bAVRESA|\bAVGANG"
    r"|\bATERRESA"
    r"|\bRESDATUM|\bAFREJSE|\bAVREISE|\bREISEDATO|\bMENOMATKA|\bPALUUMATKA|\bLAHTO\b|\bWYJAZD"
    r"|\bPRZEJAZD"
    r"|\bODJEZD|\bINDULAS|\bGIDIS\b|\bDONUS\b|\bVOYAGE (DU|LE|ALLER|RETOUR)|\bTILL OCH MED"
    r"|\bT O M\b"
    r"|VORSTELLUNG|VERANSTALTUNG|AUFFUEHRUNG|SPIELTAG|KONZERT\b|EINLASS\b|\bPERFORMANCE\b"
    r"|\bSHOW(ING|TIME)?\b|\bEVENT\b|\bSCREENING\b|\bDOORS\b|\bKICK ?OFF\b|\bSESSION\b"
    r"|\bMATCH(DAY| DATE)\b|\bSEANCE\b|\bSPECTACLE\b|\bREPRESENTATION\b|\bFUNCION\b"
    r"|\bEVENTO\b|\bESPECTACULO|\bSESSAO\b|\bSPETTACOLO|\bPROIEZIONE|\bVOORSTELLING"
    r"|\bEVENEMENT\b|\bFOE?RESTAELLNING|\bFORESTILLING|\bNAYTOS\b|\bNAEYTOES\b|\bESITYS\b"
    r"|\bSEANS\b|\bSPEKTAKL|\bWYDARZENI|\bPREDSTAVENI|\bELOADAS|\bSPECTACOL|\bGOESTERI\b"
    r"|\bPREDSTAVA\b|\bPROJEKCIJA|\bETENDUS|\bIZRADE\b|\bSPEKTAKLIS|\bSYNING\b"
    r"|\bZU (AUFTRAG|BESTELLUNG|RECHNUNG)|\bAPPLIES TO\b|\bAPPLIED TO\b"
)
TITLE_OF_A_RETURN = re.compile(
    r"^((SALES?|CASH|CARD|CUSTOMER|MERCHANDISE|PRODUCT|OF|GOODS|SLIP|RECEIPT|DE|DEL|AND|UND|&"
    r"|RETURNS?|REFUNDS?|EXCHANGE|RUECKGABE|UMTAUSCH|WARENRUECKGABE|ERSTATTUNG|RUECKNAHME|RETOURE?"
    r"|RETOUREN|ECHANGE|REMBOURSEMENT|DEVOLUCION|CAMBIO|REEMBOLSO|RESO|RIMBORSO|RETUR|AATERKOEP"
    r"|ATERKOP|OMBYTNING|BYTTE|PALAUTUS|ZWROT|VRACENI|VRATENI?E?|VISSZARU|RETOURNERING|RUILING)"
    r"( |$))+$"
)
"""A row with nothing but such words names the paper: the day below it is not that of the return."""
_AT_A_PLACE = re.compile(
    r"^\s{0,3}(?!(?i:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)"
    r"[a-z]{0,8},)(?:[^\W\d_][^\W\d_.'-]{2,20}[\s-]?){1,3},\s{0,2}"
    r"(?i:den|the|le|il|el|em|dnia|dn\.|dne|dne:|kelt:?|a|am|op|d\.)?\s{0,2}$"
)
"""Stuttgart, den: as a letter begins, and with its day."""
_ORDER = re.compile(
    r"\bORDER(ED)?\b|ORDERDATUM|BESTELL|\bCOMMANDE|\bPEDIDO|\bORDINE\b|BESTELDATUM|BESTAE?LLD"
    r"|TILAUS|\bP ?O\b|\bPURCHASE ORDER|\bQUOT(E|ATION)\b|\bDEVIS\b|\bANGEBOT|\bOFFERTE?\b|\bOFERT"
    r"|\bPRESUPUESTO|\bPREVENTIVO|\bORCAMENTO|\bTILBUD|\bTARJOUS|\bNABIDK|\bZAMOWIEN|\bOBJEDNAV"
    r"|\bSIPARIS|\bRENDELES|\bCOMANDA|\bSALE DATE|\bDATE OF SALE|\bDATA SPRZEDAZY"
    r"|\bZDANITELNEHO|\bPRINTED\b|\bPRINT (DATE|TIME)|\bGEDRUCKT|\bDRUCKDATUM|\bIMPRIME LE"
    r"|\bIMPRES[OA]|\bSTAMPATO|\bAFGEDRUKT|\bUTSKRIVEN|\bUDSKREVET|\bWYDRUK|\bTRAVEL|\bVOYAGE"
    r"|\bFLIGHT|\bTRIP\b|\bREISE\b|\bOUTBOUND|\bALLER\b|\bRETOUR\b|\bHINFAHRT|\bRUECKFAHRT"
    r"|\bENCOMENDA|\bBOOK(ED|ING)\b|\bRESERV"
)
_ENTRY = re.compile(r"^(IN|ENTRY|ENTERED|ENTREE|EINFAHRT|INGANGO?|ENTRADA|INGRESSO)\b")
_EXIT = re.compile(r"^(OUT|EXIT|LEFT|SORTIE|AUSFAHRT|UITGANG|USCITA)\b")
_TIME = re.compile(r"\d{1,2}[:;.hH]\d{2}(?:[:.]\d{2})?\s*(?:[AP]M|UHR|H)?\b", re.I)
_BETWEEN = re.compile(
    r"^\s{0,3}(-|\u2013|\u2014|~|TO|BIS|AU|AL|ALLE|T/M|TOT|TIL|TILL|DO|UNTIL)\s{0,3}$", re.I
)
_LETTERS = re.compile(r"[^\W\d_]{3}")
_SHORT = 24
_LONGEST = 160
"""In characters of a row that are looked at."""


def context_of(row: Row, above: Row | None, line: int, span: tuple[int, int]) -> float:
    """Return points for a date: of a row's line with this number, from and to these characters.

    ``above`` is the row above it, in which its label may be.
    """
    text = row.lines[line].text
    label = _local_label(row, line, span) if _has_more_dates(row) else row.label[:_LONGEST]
    points = _of_label(label)
    if _begins_a_letter(text, span):
        points += NAMED + _OF_THE_PAPER
    is_bare = not _LETTERS.search(_words(row)) or not (
        label or _LETTERS.search(_without_dates(text))
    )
    if is_bare and above is not None:
        points += _of_label(_header(row, above, line))
    amounts = find_amounts(row.text[:_LONGEST])
    is_time = _TIME.search(row.text[:_LONGEST])
    is_of_an_item = line == span[0] == 0 and not is_time and _LETTERS.search(text[span[1] :])
    if len(amounts) > (not is_of_an_item) and not _NAMED.search(row.label):
        points += _IN_A_TABLE
    elif is_time:
        points += _AT_A_TIME
    if _is_of_a_range(text, span):
        points += ANOTHER_DAY
    return points


def _begins_a_letter(text: str, span: tuple[int, int]) -> bool:
    """Return whether a line is a town and a date, and nothing else."""
    return bool(_AT_A_PLACE.match(text[: span[0]])) and not _LETTERS.search(text[span[1] :])


def _of_label(label: str) -> float:
    points = NAMED if _NAMED.search(label) else 0.0
    if _ISSUED.search(label):
        return NAMED + _OF_THE_PAPER
    if _ANOTHER_DAY.search(label):
        return points + ANOTHER_DAY
    if _ENTRY.search(label):
        return points + _CAME
    if _EXIT.search(label):
        return points + _WENT
    if _ORDER.search(label):
        return points + _ORDERED
    return points


def _has_more_dates(row: Row) -> bool:
    return len(re.findall(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}", row.text[:_LONGEST])) > 1


def _local_label(row: Row, line: int, span: tuple[int, int]) -> str:
    """Return the words right before a date: in its line, or in the line on its left."""
    before = row.lines[line].text[: span[0]]
    if _LETTERS.search(before):
        return fold(before[-40:])
    left = row.lines[line - 1].text if line else ""
    return fold(left[-40:]) if _LETTERS.search(left) else ""


def _without_dates(text: str) -> str:
    """Return the text of a line without the names of months and days."""
    return re.sub(r"[^\W\d_]{3,9}", "", text, count=1) if len(text) < _SHORT else text


def _words(row: Row) -> str:
    """Return the text of a row without what times and dates have."""
    return re.sub(
        r"\b(?:[AP]M|UHR|MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]{0,6}\b", "", row.text[:_LONGEST].upper()
    )


def _header(row: Row, above: Row, line: int) -> str:
    """Return the words above a date: those of its column, or of the whole row."""
    if len(row.lines) == 1 and len(above.lines) == 1:
        return above.label[-60:] if not any(sign.isdigit() for sign in above.text) else ""
    if find_amounts(above.text):
        return ""  # a label of money, such as CHANGE DUE
    left, _, right, _ = row.lines[line].box
    column = [each.text for each in above.lines if each.box[0] < right and each.box[2] > left]
    return fold(" ".join(column)[-60:])


def _is_of_a_range(text: str, span: tuple[int, int]) -> bool:
    dates = [
        found.span()
        for found in re.finditer(
            r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[-/.]\d{1,2}\.?(?=\s?[-\u2013])", text
        )
    ]
    for one, other in pairwise(dates):
        is_one = one[0] <= span[0] < one[1] or other[0] <= span[0] < other[1]
        if is_one and _BETWEEN.match(text[one[1] : other[0]]):
            return True
    return False
