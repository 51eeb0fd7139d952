"""Roles: what an amount is, by its label; the first rule that matches decides."""

import re
from functools import lru_cache

from providers.receipt_parser.receipt_rules.vocabulary.languages import (
    ALL_INCLUDED,
    ARTICLES,
    FILLERS,
    OTHER_LANGUAGES,
)
from providers.receipt_parser.receipt_rules.vocabulary.role import Role
from providers.receipt_parser.receipt_rules.vocabulary.world import REST_OF_THE_WORLD, WITH_TAX

_LONGEST = 100
"""In characters of a label that are looked at: longer rows are terms and advertising."""
_MOST_REMEMBERED = 1_024
"""Labels: more than a receipt has."""
_NAMES_AN_ARTICLE = 3
"""The letters of the shortest word that may name an article."""


_RULES: tuple[tuple[Role, str], ...] = (
    (
        Role.ASIDE,
        r"\bSUGGEST|\b\d\d? ?% ?(OF )?(TIP|GRATUITY)\b|\bTIP [\d ]{0,12}TOTAL\b"
        r"|\b(PER|EACH) (PERSON|GUEST)\b"
        r"|\bPRE ?AUTH|\bHOLD AMOUNT|\bEXCHANGE RATE|\bINSTALL?MENTS?\b|\bPAY IN \d"
        r"|\bPAYMENTS? OF\b"
        r"|\bPER MONTH\b|\b\d{1,2} (MONTHLY|WEEKLY|EQUAL|INTEREST ?FREE) PAYMENTS?\b"
        r"|\bMONTHLY( (PAYMENTS?|INSTALL?\w*|RATES?|COST|TOTAL|AMOUNT))?$"
        r"|\b(AVAIL\w*|BEG\w*|END|ENDING|REMAINING|CARD|ACCOUNT|ACCT|POINTS?|OPENING|CLOSING|NEW"
        r"|REWARDS?|EBT|SNAP|WALLET|VALUE|CREDIT|MEMBER) BALANCE\b|\bBALANCE (REMAINING"
        r"|AVAIL\w*|LEFT)"
        r"|\b(UNIT PRICE|PRICE (PER )?(GAL|GALLON|LB|KG|LITRE|LITER|L|UNIT)|PER (LITRE|LITER"
        r"|KG|LB|GAL"
        r"|GALLON|HOUR))\b|\b(GROSS|NET|TARE) (LBS?|KGS?|WT|WEIGHT)\b|\bSPEND\b|\bNEXT (VISIT"
        r"|PURCHASE)"
        r"|\bWIN (A|UP|CASH)\b|\b(COULD|CAN|MAY|TO) WIN\b|\b(GEWINNEN SIE|GAGNEZ|A GAGNER)\b"
        r"|\b(FSA|HSA)( HSA)? (TOTAL|ELIGIBLE\w*|AMOUNT)\b"
        r"|^(BEFORE|AFTER|AS|PRIOR TO) (CORRECTION|CORRECTED|AMENDMENT)\b",
    ),
    (
        Role.ARREARS,
        r"\b(PREVIOUS|LAST|PRIOR) (BILL|INVOICE|STATEMENT|CHARGES|AMOUNT)\b"
        r"|\bPREVIOUS (\w{1,12} )?BALANCE|\bBALANCE (BROUGHT |CARRIED )?FORWARD|\bPAST DUE"
        r"|\bARREARS|\bOVERDUE|\bUNPAID\b|\bOUTSTANDING\b|\bCARRIED FORWARD|\bBROUGHT FORWARD",
    ),
    (
        Role.DEPOSIT,
        r"\b(DEPOSIT (PAID|RECEIVED)|SECURITY DEPOSIT)|\b(LESS|MINUS|YOUR) DEPOSIT"
        r"|\bADVANCE( PAYMENT| PAID)?$"
        r"|\bALREADY PAID|\bPREPAYMENT|\bDOWN ?PAYMENT",
    ),
    (
        Role.CHANGE,
        r"\bCHANGE\b|\bCASH ?BACK\b|\bRUECKG(ELD|ABE)|\bZURUECK\b|\bWECHSELGELD|\bBAKI\b"
        r"|\bKEMBALI(AN)?\b",
    ),
    (
        Role.GRAND_TOTAL,
        r"TOTAL.{0,30}(AFTER|ROUNDED)|ROUNDED TOTAL|AFTER (ROUNDING|DISC|ADJ)",
    ),
    (
        Role.ROUNDING,
        r"\bROUND(?!(ED)? [A-Z]{3})|\bROUND(ED)? (OFF|ADJ|AMOUNT|DIFF|DOWN|TOTAL)|\bRNDG?\b"
        r"|\bPEMBUNDARAN|\bRUNDUNG",
    ),
    (
        Role.DISCOUNT,
        r"\bDISC\b|DISCOUNT|SAVING|SAVED|\bYOU SAVE\b|\b(SIE|DU) SPARE?N?S?T?\b|\bGESPART\b"
        r"|REBATE|COUPON|VOUCHER|PROMO|RABATT|GUTSCHEIN|DISKAUN"
        r"|ERSPARNIS|NACHLASS|^LESS\b|\bLESS (DISC|REBATE)"
        r"|^COMP(ED|LIMENTARY)?( MEAL| ITEM)?( \d{1,3} ?%)?$"
        r"|\b(PLAN|INSURANCE|INSURER|MEDICARE|MEDICAID) (PAID|PAYS|PORTION|SHARE|COVER\w*)\b"
        r"|\bKRANKENKASSE|\bKASSENANTEIL|\bVERSICHERUNGSANTEIL",
    ),
    (
        Role.TOTAL,
        r"\b(QTY|QUANTITY|ITEMS?)\b.{0,40}\bTOTAL( (RM|MYR|EUR|USD|AMOUNT))?$"
        r"|^TOTAL \d{0,3} ?ITEMS?$"
        r"|^(TOTALE?|TOTAAL|TOTALT|SUMME|SUMMA|SUMA|RAZEM|CELKEM|YHTEENSAE?)( [A-Z]{3})? \d{1,3}"
        rf" ({ARTICLES})$",
    ),
    (
        Role.COUNT,
        r"\b(QTY|QTYS|OTY|QUANTITY|ITEMS?|ITEM COUNT|PCS|UNITS?|POINTS?|STAMPS?|PUNKTE?|POSTEN"
        r"|ARTIKEL|ANZAHL|MENGE|LITRE|LITER)\b",
    ),
    (Role.SUBTOTAL, r"SUB ?TOTAL|SUB TTL|ZWISCHENSUMME|TEILSUMME|\bSUBTOT|\bZWISCHENTOTAL"),
    (
        Role.NET,
        r"EXCLU|\bEXCL?\b|BEFORE|TAXABLE|\bNETTO|WARENWERT|WITHOUT|\bOHNE\b|NOT SUBJECT",
    ),
    (
        Role.TAX,
        r"\bINCLUD(ES?|ED|ING) (THE )?(GST|VAT|TAX(ES)?|SALES TAX|HST|SST) OF( [A-Z]{3})?$",
    ),
    (
        Role.TOTAL,
        r"(TOTAL|SALES|AMOUNT).{0,30}\bINC(LU|L?\b)|TOTAL WITH|INKL.{0,30}(SUMME|GESAMT)"
        rf"|(SUMME|GESAMT).{{0,30}}INKL|{ALL_INCLUDED}|{WITH_TAX}",
    ),
    (
        Role.TAX,
        r"\b(GST|SST|VAT|TAX|TAXES|MWST|MEHRWERT\w*|UST|CUKAI|[CSI]GST|HST|PST|QST)\b|\bSTEUER"
        r"|\bINCL\b",
    ),
    (
        Role.SERVICE,
        r"\bSERV\w* ?(CHARGE|CHG)|\bSVC|SERVICE CHARGE|BEDIENUNG|TRINKGELD|GRATUITY|\bTIPS?\b"
        r"|\bSURCHARGE|\bSHIPPING|\bDELIVERY (FEE|CHARGE)|\bPOSTAGE|\bFREIGHT|\bHANDLING|\bVERSAND"
        r"|\bDONATION|\bSERVICE \d[\d ]{0,4}%",
    ),
    (
        Role.GRAND_TOTAL,
        r"GRAND TOTAL|\bNETT? ?TOTAL|TOTAL (DUE|PAYABLE|AMOUNT DUE|TO PAY)|AMOUNT (DUE|PAYABLE)"
        r"|\bZU ZAHLEN|\bGESAMT(BETRAG|SUMME)|\bENDBETRAG|\bENDSUMME|\bRECHNUNGSBETRAG|FINAL TOTAL"
        r"|BALANCE (DUE|TO PAY)|TOTAL PAID|\bPAYABLE\b|^DUE$|\bTO PAY\b|JUMLAH (BESAR|PERLU)"
        r"|NETT? AMOUNT|\b(INVOICE|ORDER|BILL) TOTAL|\bTOTAL (REFUND|CREDIT)|\bREFUND(ED)? (TOTAL"
        r"|AMOUNT)|\bAMOUNT REFUNDED|\bZAHLBETRAG|\b(GUTSCHRIFTS|KORREKTUR|ERSTATTUNGS"
        r"|RUECKZAHLUNGS"
        r"|AUSZAHLUNGS|RUECKERSTATTUNGS)BETRAG|\bZU ERSTATTEN|\bTO (BE )?REFUND(ED)?\b"
        r"|\bREFUND DUE\b",
    ),
    (
        Role.CASH,
        r"\bCASH|\bTENDER|\bBAR\b|\bBAR(GELD|ZAHL)|GEGEBEN|\bPAID|PAYMENT|\bTUNAI|RECEIVED"
        r"|BEZAHLT|\bPAY\b|\bAUSZAHLUNG",
    ),
    (
        Role.CARD,
        r"\bVISA|MASTER ?CARD|^MASTER|\bCARD\b|\bCREDIT|\bDEBIT|\bAMEX|KREDITKARTE|GIROCARD|MAESTRO"
        r"|KARTENZAHLUNG|KARTE\b|\bWALLET|PAYPAL|\bEC\b|ELEC CASH|\bEDC\b|LASTSCHRIFT|BETRAG"
        r"|\bEFT(POS)?\b|\bEBT\b|\bINTERAC\b|\b(APPLE|GOOGLE) PAY\b|\bCONTACTLESS\b"
        r"|^MC(?= \d|$)",
    ),
    (Role.TOTAL, r"TOTAL|SUMME\b|\bGESAMT|\bJUMLAH\b|\bAMOUNT\b|^SUM( [A-Z]{2,3})?$|\bTTL\b"),
)
_LAST_OF_ITS_ROLE = {role: number for number, (role, _) in enumerate(_RULES)}


def _in_all_languages(number: int, role: Role, pattern: str) -> str:
    """Return the pattern of a rule, with the other languages if it is the last of its role."""
    if _LAST_OF_ITS_ROLE[role] != number:
        return pattern
    languages = (OTHER_LANGUAGES, REST_OF_THE_WORLD)
    return "|".join((pattern, *(each[role] for each in languages if role in each)))


_COMPILED = tuple(
    (role, re.compile(_in_all_languages(number, role, pattern)))
    for number, (role, pattern) in enumerate(_RULES)
)

_SUMMARY = re.compile(
    r"\b(GST|TAX|SST|VAT|MWST|UST|STEUER)\b.{0,40}\b(SUMMARY|ANALYSIS|BREAKDOWN|DETAILS?|INFO)"
)
_SUMMARY_COLUMN = re.compile(
    r"\b(GST|SST|VAT|TAX|MWST|MEHRWERT\w*|UST|STEUER|NETTO?|NET AMT|BRUTTO|UMSATZ|AMOUNT|AMT|CODE"
    r"|RATE|GOODS|TVA|HT|TTC|BASE|CUOTA|IVA|BTW|GRONDSLAG|IMPONIBILE|IMPOSTA|MOMS|MVA|ALV|VEROTON"
    r"|DPH|ZAKLAD|AFA|KDV)\b"
)
_ITEM_COLUMN = re.compile(
    r"\b(ITEMS?|DESCRIPTION|QTY|QUANTITY|PRICE|ARTICLE|ARTIKEL|BESCHREIBUNG|BEZEICHNUNG|MENGE|PREIS"
    r"|OMSCHRIJVING|AANTAL|DESIGNATION|QUANTITE|PRIX|DESCRIPCION|CANTIDAD|PRECIO|DESCRIZIONE)\b"
)


def role_of(label: str) -> Role:
    """Return what a folded label says about its amount; the first rule that matches decides."""
    return _role_of(label[:_LONGEST])


@lru_cache(maxsize=_MOST_REMEMBERED)
def _role_of(label: str) -> Role:
    # Several rules ask about the same row, and the words of forty languages take a millisecond.
    return next((role for role, rule in _COMPILED if rule.search(label)), Role.NONE)


def opens_tax_summary(label: str, below_total: bool) -> bool:
    """Return whether a label is the title or the column heads of the tax table.

    Column heads count only below the total, because the table of items has the same ones.
    """
    label = label[:_LONGEST]
    if _SUMMARY.search(label):
        return True
    if not below_total or _ITEM_COLUMN.search(label):
        return False
    return len(set(_SUMMARY_COLUMN.findall(label))) >= 2


def is_said_of_money(label: str) -> bool:
    """Return whether a label is made of words that labels are made of.

    ``CHOCOLATE BAR`` and ``ROUND STEAK`` have one that names an article.
    """
    return all(_is_label_word(word) for word in label[:_LONGEST].split())


def _is_label_word(word: str) -> bool:
    if len(word) < _NAMES_AN_ARTICLE or not word.isalpha() or word in FILLERS:
        return True
    return role_of(word) is not Role.NONE
