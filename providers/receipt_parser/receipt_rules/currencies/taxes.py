"""Taxes: names of taxes, numbers of registers and legal forms that one country alone has.

A label such as TRN or RUT belongs to several; then the form of its number tells them apart.
"""

_EURO_VAT_NUMBERS = (
    r"ATU ?\d{8}|BE ?[01]\d{3} ?\d{3} ?\d{3}|DE ?\d{9}|EL ?\d{9}|FI ?\d{8}"
    r"|FR ?[A-Z\d]{2} ?\d{3} ?\d{3} ?\d{3}"
    r"|HR ?\d{11}|IE ?\d{7}[A-Z]{1,2}|IT ?\d{11}|LT ?(?:\d{12}|\d{9})|LU ?\d{8}|LV ?\d{11}"
    r"|MT ?\d{8}"
    r"|NL ?\d{9} ?B ?\d\d|PT ?\d{9}|SI ?\d{8}|SK ?\d{10}|EE ?\d{9}|CY ?\d{8}[A-Z]"
)
TAXES: dict[str, str] = {
    "MYR": r"\bSDN BHD\b|\bGST\b.{0,15}\b00\d{10}\b|\bSST\b.{0,12}\b[BW]\d\d\b",
    "EUR": (
        # A Swiss number of a register ends in MWST, too.
        r"(?<!\d{3} )\bMWST\b|\bUST\b|\bSTEUERNUMMER|\bGMBH\b|\bSIRE[TN]\b|\bRCS\b"
        rf"|\b({_EURO_VAT_NUMBERS})\b"
        r"|\bP IVA\b|\bPARTITA IVA|\bCOD FISC\b|\bCODICE FISCALE|\bSCONTRINO"
        r"|\bDOCUMENTO COMMERCIALE"
        r"|\b(NIF|CIF|NIE)( PT| ES)? ?[A-Z]? ?\d{7,8}[A-Z]?\b|\b(NIF"
        r"|CONTRIBUINTE) (PT )?\d{3} ?\d{3} ?\d{3}$"
        r"|\bBTW\b|\bKVK\b"
        r"|\bALV\b|\bY TUNNUS|\bNIPC\b|\bCONTRIBUINTE\b|\bIC DPH\b|\bOIB\b|\bEIRCODE\b"
        r"|\bNUMERO TVA\b|\bAFM \d|\bFPA\b|\bDDV\b|\bKMKR\b|\bPVN\b|\bPVM\b"
        r"|\bFACTURA SIMPLIFICADA|\bEIK \d{9}|\bDDS\b"
    ),
    "GBP": (
        r"\bVAT\b.{0,12}\bGB\b|\bGB ?\d{3} ?\d{4} ?\d\d\b|\bVAT (REG\w* )?(NO"
        r"|NUMBER) \d{3} \d{4} \d\d\b"
    ),
    "AUD": r"\bABN\b|\bACN \d|\bPTY\b|\bEFTPOS AU\b",
    "NZD": r"\bNZBN\b|\bGST (NO|NUMBER|REG)\w* \d{2,3} \d{3} \d{3}\b|\bNZ GST\b",
    "CAD": r"\b(HST|PST|QST|TPS|TVQ|GST HST)\b|\bRT ?0{3}\d\b|\bINTERAC\b",
    "SGD": r"\bPTE LTD\b|\bGST REG\w* (NO )?[MT]?\d{1,2} ?\d{7}|\bUEN\b|\bPAYNOW\b",
    "USD": (
        r"\bSALES TAX\b|\bEBT\b|\b(STATE|COUNTY|CITY) TAX\b|\bIVU\b|\bRUC \d{10}001\b|\bSRI ECUADOR"
        r"|\bNIT \d{4} ?\d{6} ?\d{3} ?\d\b"
    ),
    "MXN": r"\bRFC\b|\bCFDI\b|\bSA DE CV\b",
    "GTQ": r"\bFEL\b.{0,20}\bSAT\b|\bNIT \d{6,7} [\dK]\b|\bRESOLUCION SAT\b",
    "HNL": r"\bRTN\b|\bCAI\b.{0,10}[\dA-F]{6}|\bISV\b",
    "NIO": r"\bRUC J ?\d{13}\b|\bDGI\b.{0,12}\bNICARAGUA",
    "CRC": r"\bCEDULA (JURIDICA )?3 \d{3} \d{6}\b|\bI V A I\b|\bSINPE\b",
    "PAB": r"\bITBMS\b",
    "DOP": r"\bITBIS\b|\bRNC\b|\bNCF\b|\bE NCF\b",
    "COP": r"\bNIT \d{3} ?\d{3} ?\d{3}( \d)?\b|\bNIT \d{9}\b|\bDIAN\b|\bIMPOCONSUMO\b",
    "VES": r"\bRIF [JVGE] ?\d{8} ?\d\b|\bSENIAT\b|\bIGTF\b|\bBS S?\b.{0,6}\bREF\b",
    "PEN": r"\bRUC (10|20)\d{9}\b|\bIGV\b|\bSUNAT\b|\bBOLETA DE VENTA\b|\bYAPE\b|\bPLIN\b",
    "BOB": r"\bNIT \d{7,12}\b.{0,20}\bAUTORIZACION|\bCUF\b",
    "PYG": r"\bRUC \d{6,8} \d\b|\bTIMBRADO\b",
    "UYU": (
        r"\bRUT\b[A-Z ]{0,8}\b\d{2} ?\d{6} ?\d{4}\b|\bE (TICKET|FACTURA)\b.{0,30}\bDGI\b"
        r"|\bLEY 19210\b"
    ),
    "ARS": r"\bCUIT\b|\bCAE\b|\bMERCADO PAGO\b.{0,20}\bARG|\bING(RESOS)? BRUTOS\b",
    "CLP": (
        r"\bRUT\b[A-Z ]{0,8}\b\d{1,2} ?\d{3} ?\d{3} [\dK]\b|\bBOLETA ELECTRONICA\b|\bREDCOMPRA\b"
    ),
    "BRL": r"\bCNPJ\b|\bCUPOM FISCAL\b|\bNFC E\b",
    "INR": r"\b[CSI]GST\b|\bGSTIN\b|\bFSSAI\b|\bPVT LTD\b|\bUPI\b",
    "PKR": r"\b(NTN|STRN)\b|\bFBR\b.{0,12}\bINVOICE",
    "BDT": r"\bMUSHAK\b|\bBIN (NO )?\d{9} ?\d{4}\b|\bBKASH\b",
    "CHF": (
        r"\bCHE ?\d{3} ?\d{3}\b|\bTWINT\b|\bPOSTFINANCE\b|\b(8 1|7 7|2 6|3 8)% ?(MWST|TVA|IVA)\b"
    ),
    "PLN": r"\bNIP\b|\bPTU\b|\bPARAGON FISKALNY|\bFAKTURA VAT\b",
    "CZK": r"\bDIC CZ|\bICO\b.{0,14}\bDIC\b|\bCELKEM\b|\bUCTENKA\b|\bDIC\b",
    "HUF": r"\bADOSZAM|\bAFA\b|\bOE?SSZESEN\b|\bNYUGTA\b|\bFIZETENDO\b",
    "TRY": r"\bKDV\b|\bTOPKDV\b|\bFIS NO\b|\bTOPLAM\b|\bVERGI\b|\bVKN\b",
    "SEK": r"\bKVITTO\b|\bORG ?NR\b.{0,16}\d{6} \d{4}\b|\bATT BETALA\b|\bVAE?XEL\b|\bSWISH\b",
    "NOK": r"\bMVA\b|\bBANKAXEPT\b|\bVIPPS\b|\bKVITTERING\b|\bHERAV\b",
    "DKK": r"\bCVR\b|\bDANKORT\b|\bAT BETALE\b|\bHERAF MOMS\b|\bI ALT\b|\bMOBILEPAY\b",
    "RON": (
        r"\bC ?U ?I (RO ?)?\d|\bBON FISCAL\b|\bSRL\b.{0,12}\bRO ?\d{6}"
        r"|\bC(OD )?(I )?F(ISCAL)? RO ?\d{4,}"
        r"|\bCOD FISCAL\b|\bNUMERAR\b|\bTOTAL LEI\b|\bTOTAL TVA [A-D]\b|\bPLATA CARD\b|\bJUD\b"
    ),
    "MDL": r"\bIDNO\b|\bC F 10\d{11}\b",
    "RSD": r"\bPIB \d{9}\b|\bPFR\b|\bESIR\b|\bFISKALNI RACUN\b.{0,20}\bRS\b",
    "BAM": r"\bJIB \d{12,13}\b|\bIBK\b|\bIBFM\b",
    "MKD": r"\bEDB (MK)?\d{13}\b|\bDDV MK",
    "ALL": r"\b(NIPT|NUIS)\b",
    "ISK": r"\bVSK\b|\bSAMTALS\b|\bKENNITALA\b|\bKVITTUN\b",
    "UAH": r"\b(EDRPOU|YEDRPOU|IEDRPOU)\b|\bPRRO\b",
    "RUB": r"\bINN \d{10,12}\b|\bRN KKT\b",
    "KZT": r"\bBIN \d{12}\b|\bIIN \d{12}\b",
    "JMD": r"\bGCT\b|\bTRN (NO )?0\d\d ?\d{3} ?\d{3}\b",
    "XOF": r"\bNINEA\b|\bWAVE\b.{0,12}\bSENEGAL|\bNCC \d{7}",
    "ZAR": r"\bVAT (NO|REG\w*|NUMBER) (NO )?4\d{9}\b|\bCK ?\d{4} \d{6} \d\d\b",
    "KES": r"\bKRA\b|\bPIN (NO )?[AP]\d{9}[A-Z]\b|\bM PESA\b.{0,20}\bTILL|\bETIMS\b",
    "TZS": r"\bVRN 4\d{7}[A-Z]?\b|\bTRA\b.{0,12}\bVRN\b|\bEFD\b.{0,12}\bTANZANIA",
    "UGX": r"\bEFRIS\b|\bURA\b.{0,12}\bTIN\b",
    "NGN": r"\bRC \d{5,7}\b.{0,12}\bNIGERIA",
    "GHS": r"\bNHIL\b|\bGETFUND\b|\bGHIPSS\b",
    "MAD": r"\bICE \d{15}\b|\bPATENTE\b.{0,20}\bI ?F\b|\bCNSS\b.{0,20}\bICE\b",
    "TND": r"\bMATRICULE FISCALE?\b|\bM F \d{7}",
    "DZD": r"\bN I F \d{15}\b|\bNIF \d{15}\b|\bNIS \d{15}\b",
    "PHP": r"\bVAT REG TIN\b|\bBIR\b|\bVATABLE SALES?\b|\bGCASH\b|\bVAT EXEMPT SALES?\b",
    "AED": r"\bTRN\b[A-Z ]{0,10}\b1\d{2} ?\d{4} ?\d{4} ?\d{4}\b",
    "SAR": r"\bVAT\b[A-Z ]{0,20}\b3\d{13}3\b|\bMADA\b",
    "OMR": r"\bVATIN OM|\bOM1\d{9}\b",
    "IDR": r"\bNPWP\b|\bPPN\b|\bPB1\b|\bQRIS\b",
    "THB": r"\bTAX INVOICE ABB\b|\bPROMPTPAY\b",
    "TWD": r"\bEASYCARD\b|\bGUI NO\b",
    "JPY": r"\bSUICA\b|\bPASMO\b|\bT\d{13}\b",
    "VND": r"\bMST \d{10}\b|\bHOA DON\b|\bTONG CONG\b",
}
"""By currency: patterns of folded rows."""
