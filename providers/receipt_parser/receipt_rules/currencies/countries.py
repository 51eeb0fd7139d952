"""Countries: what tells where a receipt is from, and so what its amounts are in.

Names of taxes and numbers of registers tell it wherever they are printed. Names of places do only
in rows without amounts: London Fog, Singapore Noodles and Canada Dry are on menus everywhere.
"""

import re
from collections import Counter

from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.rows import Row

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ"
    "|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_STATE_NAMES = (
    "ALABAMA|ALASKA|ARIZONA|ARKANSAS|CALIFORNIA|COLORADO|CONNECTICUT|DELAWARE|FLORIDA|HAWAII|IDAHO"
    "|ILLINOIS|INDIANA|IOWA|KANSAS|KENTUCKY|LOUISIANA|MAINE|MARYLAND|MASSACHUSETTS|MICHIGAN"
    "|MINNESOTA|MISSISSIPPI|MISSOURI|MONTANA|NEBRASKA|NEVADA|NEW HAMPSHIRE|NEW JERSEY|NEW MEXICO"
    "|NEW YORK|NORTH CAROLINA|NORTH DAKOTA|OHIO|OKLAHOMA|OREGON|PENNSYLVANIA|RHODE ISLAND"
    "|SOUTH CAROLINA|SOUTH DAKOTA|TENNESSEE|TEXAS|UTAH|VERMONT|WASHINGTON|WISCONSIN|WYOMING"
)
_EURO_PLACES = (
    "GERMANY|DEUTSCHLAND|AUSTRIA|OESTERREICH|FRANCE|FRANKREICH|ITALY|ITALIA|SPAIN|ESPANA|PORTUGAL"
    "|NETHERLANDS|NEDERLAND|BELGIUM|BELGIE|BELGIQUE|LUXEMBOURG|IRELAND|FINLAND|SUOMI|GREECE|SLOVAKIA"
    "|SLOVENIJA|ESTONIA|EESTI|LATVIJA|LIETUVA|CYPRUS|MALTA|HRVATSKA"
)

_TAXES: dict[str, str] = {
    "MYR": r"\bSDN BHD\b|\bGST\b.{0,15}\b00\d{10}\b|\bSST\b.{0,12}\b[BW]\d\d\b",
    "EUR": (
        r"\bMWST\b|\bUST\b|\bSTEUERNUMMER|\b(DE ?\d{9}|ATU ?\d{8})\b|\bGMBH\b|\bSIRE[TN]\b|\bRCS\b"
        r"|\bP IVA\b|\bPARTITA IVA|\bCOD FISC\b|\bCODICE FISCALE|\bSCONTRINO"
        r"|\b(NIF|CIF) [A-Z]? ?\d{7,8}\b"
        r"|\bBTW\b|\bKVK\b"
        r"|\bALV\b|\bY TUNNUS|\bNIPC\b|\bCONTRIBUINTE\b|\bIC DPH\b|\bOIB\b|\bEIRCODE\b"
        r"|\bNUMERO TVA\b"
        r"|\bFACTURA SIMPLIFICADA"
    ),
    "GBP": r"\bVAT\b.{0,12}\bGB\b|\bGB ?\d{3} ?\d{4} ?\d\d\b",
    "AUD": r"\bABN\b|\bACN \d|\bPTY\b|\bEFTPOS AU\b",
    "NZD": r"\bNZBN\b|\bGST (NO|NUMBER|REG)\w* \d{2,3} \d{3} \d{3}\b|\bNZ GST\b",
    "CAD": r"\b(HST|PST|QST|TPS|TVQ|GST HST)\b|\bRT ?0{3}\d\b|\bINTERAC\b",
    "SGD": r"\bPTE LTD\b|\bGST REG\w* (NO )?[MT]?\d{1,2} ?\d{7}|\bUEN\b|\bPAYNOW\b",
    "USD": r"\bSALES TAX\b|\bEBT\b|\b(STATE|COUNTY|CITY) TAX\b",
    "MXN": r"\bRFC\b|\bCFDI\b|\bSA DE CV\b",
    "ARS": r"\bCUIT\b|\bCAE\b",
    "CLP": r"\bRUT\b|\bBOLETA ELECTRONICA\b",
    "COP": r"\bNIT \d|\bDIAN\b",
    "BRL": r"\bCNPJ\b|\bCUPOM FISCAL\b|\bNFC E\b",
    "INR": r"\b[CSI]GST\b|\bGSTIN\b|\bFSSAI\b|\bPVT LTD\b",
    "CHF": r"\bCHE \d{3}\b",
    "PLN": r"\bNIP\b|\bPTU\b|\bPARAGON FISKALNY|\bSUMA\b|\bFAKTURA VAT\b",
    "CZK": r"\bDIC CZ|\bICO\b.{0,14}\bDIC\b|\bCELKEM\b|\bUCTENKA\b|\bDIC\b",
    "HUF": r"\bADOSZAM|\bAFA\b|\bOE?SSZESEN\b|\bNYUGTA\b|\bFIZETENDO\b",
    "TRY": r"\bKDV\b|\bTOPKDV\b|\bFIS NO\b|\bTOPLAM\b|\bVERGI\b",
    "SEK": r"\bKVITTO\b|\bORG ?NR\b.{0,16}\d{6} \d{4}\b|\bATT BETALA\b|\bVAE?XEL\b|\bSWISH\b",
    "NOK": r"\bMVA\b|\bBANKAXEPT\b|\bVIPPS\b|\bKVITTERING\b|\bHERAV\b",
    "DKK": r"\bCVR\b|\bDANKORT\b|\bAT BETALE\b|\bHERAF MOMS\b|\bI ALT\b|\bMOBILEPAY\b",
    "RON": (
        r"\bC ?U ?I\b|\bBON FISCAL\b|\bSRL\b.{0,12}\bRO ?\d{6}|\bC(OD )?(I )?F(ISCAL)? RO ?\d{4,}"
        r"|\bCOD FISCAL\b|\bNUMERAR\b|\bTOTAL LEI\b|\bTOTAL TVA [A-D]\b|\bPLATA CARD\b|\bJUD\b"
    ),
    "ISK": r"\bVSK\b|\bSAMTALS\b|\bKENNITALA\b|\bKVITTUN\b|\bREYKJAVIK\b|\bAKUREYRI\b",
    "JMD": r"\bGCT\b|\bTRN 0\d\d \d{3} \d{3}\b",
    "XOF": r"\bNINEA\b",
    "ZAR": r"\bVAT (NO|REG\w*|NUMBER) (NO )?4\d{9}\b",
    "PHP": r"\bVAT REG TIN\b|\bBIR\b|\bVATABLE SALES?\b",
    "AED": r"\bTRN\b \d",
    "IDR": r"\bNPWP\b|\bPPN\b",
}
_WORDS: dict[str, str] = {
    "EUR": r"\bTVA\b",
    "SEK": (
        r"\bOCH\b|\bMOMS (12|6)\b|\bVARAV\b|\bATER(KOE?P\w*|BETAL\w*)|\bTACK\b"
        r"|\bVAE?LKOMM\w+|\bOE?PPE(T|TTIDER)\b"
        r"|\bBUTIK\w*|\bKASSOE?R|\bOFFERT\b|\bKONTANT\b|\bBELOPP|\bSUMMA\b|\bARTIKLAR\b|\bKOE?P\w*|\bAB$"
        r"|\bTOTALT\b.{0,20}\bSEK\b|\bBILJETT\w*|\bVUXEN\b|\bORG ?NR\b"
    ),
    "NOK": (
        r"\bTAKK\b|\bBILLETT\w*|\bVOKSEN\b|\bTILBAKE\b|\bA BETALE\b|\bTIL BETALING\b|\bBUTIKK\w*"
        r"|\bKJOE?P\w*|\bAPNINGSTID\w*|\bORG ?NR\b.{0,14}\d{3} \d{3} \d{3}\b|\bHERAV\b|\bAS$"
        r"|\bVARER\b.{0,10}\bAV\b"
    ),
    "DKK": (
        r"\bTAK FOR\b|\bHERAF\b|\bKOE?B\w*|\bBYTTEPENGE|\bEKSPEDIENT|\bAPS\b|\bBILLET(TER)?\b(?!T)"
        r"|\bAABN\w+|\bSALGSDATO|\bSE NR\b|\bBETALINGSKORT|\bRETURBON|\bA S$"
    ),
    "ISK": r"\bEHF\b|\bTAKK FYRIR\b|\bKORT NR\b|\bUPPHAED\b|\bGREITT\b",
    "RON": r"\bLEI\b|\bSRL\b|\bCASIER\b|\bBUC\b|\bCOTA\b|\bVA MULTUMIM\b",
}
"""Words of the languages of countries that share a sign, or the name of a tax."""
_PLACES: dict[str, str] = {
    "MYR": (
        r"\bMALAYSIA\b|\bJALAN\b|\bJLN\b|\bSELANGOR|\bKUALA LUMPUR|\bJOHOR\b|\bPENANG\b|\b60[1-9]\d"
    ),
    "EUR": rf"\w*STRASSE\b|\w{{3,}}STR \d|\b({_EURO_PLACES})\b|\bRUE (DE|DU|DES)\b",
    "GBP": (
        r"\bUNITED KINGDOM\b|\bLONDON\b|\bENGLAND\b|\bSCOTLAND\b|\bWALES\b|\bUK\b"
        r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
    ),
    "AUD": r"\bAUSTRALIA\b|\b(NSW|VIC|QLD|TAS|ACT|WA|SA|NT) \d{4}\b|\bSYDNEY\b|\bMELBOURNE\b",
    "NZD": r"\bNEW ZEALAND\b|\bAUCKLAND\b|\bWELLINGTON \d|\bCHRISTCHURCH\b|\bAOTEAROA\b",
    "CAD": (
        r"\bCANADA\b|\bONTARIO\b|\bQUEBEC\b|\bALBERTA\b|\bBRITISH COLUMBIA\b"
        r"|\b(ON|QC|BC|AB|MB|SK|NS|NB|NL|PE) [A-Z]\d[A-Z]\b|\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b"
    ),
    "SGD": r"\bSINGAPORE\b|\bSINGAPURA\b|\bS ?\d{6}\b",
    "HKD": r"\bHONG ?KONG\b|\bKOWLOON\b|\bWAN ?CHAI\b",
    "TWD": r"\bTAIWAN\b|\bTAIPEI\b",
    "USD": rf"\bUSA\b|\bU S A\b|\bUNITED STATES\b|\b({_STATES}) \d{{5}}\b|\b({_STATE_NAMES})$",
    "MXN": r"\bMEXICO\b|\bCDMX\b",
    "ARS": r"\bARGENTINA\b|\bBUENOS AIRES\b",
    "COP": r"\bCOLOMBIA\b|\bBOGOTA\b|\bMEDELLIN\b",
    "CLP": r"\bCHILE\b",
    "PEN": r"\bPERU\b",
    "BRL": r"\bBRAZIL\b|\bBRASIL\b|\bSAO PAULO\b|\bRIO DE JANEIRO\b",
    "INR": r"\bINDIA\b|\bMUMBAI\b|\bDELHI\b|\bCHENNAI\b|\bBENGALURU\b|\bBANGALORE\b|\bHYDERABAD\b",
    "PKR": r"\bPAKISTAN\b|\bKARACHI\b|\bLAHORE\b",
    "LKR": r"\bSRI LANKA\b|\bCOLOMBO\b",
    "NPR": r"\bNEPAL\b|\bKATHMANDU\b",
    "CHF": r"\bSWITZERLAND\b|\bSCHWEIZ\b|\bSUISSE\b|\bSVIZZERA\b|\bZUERICH\b|\bGENEVE\b|\bBASEL\b",
    "PLN": r"\bPOLSKA\b|\bPOLAND\b|\bWARSZAWA\b|\bKRAKOW\b",
    "CZK": r"\bCESKA REPUBLIKA\b|\bCZECH\b|\bPRAHA\b|\bBRNO\b",
    "HUF": r"\bHUNGARY\b|\bMAGYARORSZAG\b|\bBUDAPEST\b",
    "TRY": r"\bTURKIYE\b|\bTUERKIYE\b|\bTURKEY\b|\bISTANBUL\b|\bANKARA\b|\bIZMIR\b",
    "SEK": r"\bSVERIGE\b|\bSWEDEN\b|\bSTOCKHOLM\b|\bGOETEBORG\b",
    "NOK": r"\bNORGE\b|\bNORWAY\b|\bOSLO\b|\bBERGEN\b",
    "DKK": r"\bDANMARK\b|\bDENMARK\b|\bKOEBENHAVN\b|\bCOPENHAGEN\b",
    "RON": r"\bROMANIA\b|\bBUCURESTI\b|\bCLUJ\b|\bTIMISOARA\b|\bIASI\b|\bBRASOV\b",
    "JMD": r"\bJAMAICA\b(?! NY)|\bMONTEGO BAY\b",
    "FJD": r"\bFIJI\b|\bSUVA\b|\bNADI\b",
    "TTD": r"\bTRINIDAD\b|\bPORT OF SPAIN\b",
    "BBD": r"\bBARBADOS\b|\bBRIDGETOWN\b",
    "BSD": r"\bBAHAMAS\b",
    "MAD": r"\bMAROC\b|\bCASABLANCA\b|\bRABAT MAROC\b|\bMARRAKECH\b",
    "XOF": r"\bSENEGAL\b|\bDAKAR\b|\bCOTE D ?IVOIRE\b|\bABIDJAN\b|\bBAMAKO\b|\bCOTONOU\b|\bLOME\b",
    "XAF": r"\bCAMEROUN\b|\bDOUALA\b|\bYAOUNDE\b|\bGABON\b|\bLIBREVILLE\b|\bBRAZZAVILLE\b",
    "ZAR": r"\bSOUTH AFRICA\b|\bJOHANNESBURG\b|\bCAPE TOWN\b",
    "PHP": r"\bPHILIPPINES\b|\bMANILA\b|\bMAKATI\b|\bQUEZON\b",
    "THB": r"\bTHAILAND\b|\bBANGKOK\b|\bPHUKET\b|\bCHIANG MAI\b",
    "IDR": r"\bINDONESIA\b|\bJAKARTA\b|\bBALI\b",
    "AED": r"\bDUBAI\b|\bABU DHABI\b|\bU A E\b|\bUAE\b",
    "ILS": r"\bISRAEL\b|\bTEL AVIV\b",
}
_PLACES_WITHOUT_HUNDREDTHS: dict[str, str] = {
    "JPY": r"\bJAPAN\b",
    "KRW": r"\bKOREA\b",
    "VND": r"\bVIET ?NAM\b",
    "ISK": r"\bICELAND\b",
    "KWD": r"\bKUWAIT\b",
    "BHD": r"\bBAHRAIN\b",
    "JOD": r"\bAMMAN\b",
    "OMR": r"\bOMAN\b",
    "TND": r"\bTUNISI[AE]\b",
}
"""Countries that count only where nothing on the receipt has hundredths: elsewhere they are in the
name of a restaurant, or of what it serves."""
_COMPILED = {
    name: [(code, re.compile(pattern)) for code, pattern in clues.items()]
    for name, clues in (
        ("taxes", _TAXES),
        ("words", _WORDS),
        ("places", _PLACES),
        ("without", _PLACES_WITHOUT_HUNDREDTHS),
    )
}
_KANA = re.compile("[\u3041-\u30fa]{2}")
_HAN = re.compile("[\u4e00-\u9fff]{2}")
_SCRIPTS = {
    "KRW": re.compile("[\uac00-\ud7a3]{2}"),
    "EUR": re.compile("[\u0391-\u03c9]{3}"),
    "THB": re.compile("[\u0e01-\u0e2e]{2}"),
    "ILS": re.compile("[\u05d0-\u05ea]{2}"),
}
_TAX_POINTS = 2
_LONGEST = 120
"""In characters of a row that are looked at."""


def country_clues(rows: list[Row]) -> Counter[str]:
    """Return points for the currency of each country that the rows have clues to."""
    points: Counter[str] = Counter()
    with_hundredths = {index for index, row in enumerate(rows) if find_amounts(row.text)}
    for index, row in enumerate(rows):
        label = row.label[:_LONGEST]
        for code, clue in _COMPILED["taxes"]:
            points[code] += _TAX_POINTS * bool(clue.search(label))
        for code, clue in _COMPILED["words"]:
            points[code] += bool(clue.search(label))
        if index not in with_hundredths:
            for code, clue in _COMPILED["places"]:
                points[code] += bool(clue.search(label))
        if not with_hundredths:
            for code, clue in _COMPILED["without"]:
                points[code] += bool(clue.search(label))
    points.update(_script_clues(rows))
    return +points


def _script_clues(rows: list[Row]) -> Counter[str]:
    """Return points for the countries that alone have some letters: Han alone are Chinese."""
    letters = "".join(row.text[:_LONGEST] for row in rows)
    if letters.isascii():
        return Counter()
    if _KANA.search(letters):
        return Counter({"JPY": _TAX_POINTS})
    if _HAN.search(letters):
        return Counter({"CNY": 1})
    return Counter({code: 1 for code, script in _SCRIPTS.items() if script.search(letters)})
