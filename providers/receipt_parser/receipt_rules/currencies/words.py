"""Words: of the languages of countries that share a sign, or the name of a tax."""

WORDS: dict[str, str] = {
    "EUR": (
        r"\bTVA\b|\bIVA INCLOS\b|\bCANVI\b|\bLLIURAT\b|\bGRACIES\b|\bTIQUET\b"
        r"|\bKOKKU\b|\bARVE\b|\bKAEIBEMAKS\b|\bKVIITUNG\b|\bSULARAHA\b"
        r"|\bKOPA\b|\bSAMAKSAI\b|\bCEKS\b|\bPALDIES\b|\bIS VISO\b|\bMOKETI\b|\bKVITAS\b|\bACIU\b"
        r"|\bSPOLU\b|\bSPLATKA\b|\bDAKUJEME\b|\bVYDAVOK\b|\bCELKOM\b"
        r"|\bZA PLACILO\b|\bSKUPAJ\b|\bHVALA ZA OBISK\b|\bGOTOVINA EUR\b"
        r"|\bEFCHARISTO\b|\bTRAPEZI\b|\bMETRITA\b"
        r"|\bYHTEENSAE\b|\bKIITOS\b|\bKAETEINEN\b"
    ),
    "SEK": (
        r"\bOCH\b|\bMOMS (12|6)\b|\bVARAV\b|\bATER(KOE?P\w*|BETAL\w*)|\bTACK\b"
        r"|\bVAE?LKOMM\w+|\bOE?PPE(T|TTIDER)\b"
        r"|\bBUTIK\w*|\bKASSOE?R|\bOFFERT\b|\bKONTANT\b|\bBELOPP|\bSUMMA\b|\bARTIKLAR\b|\bKOE?P\w*"
        r"|\bAB$"
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
    "RON": (
        r"\bSRL\b|\bCASIER\b|\bBUC\b|\bCOTA\b|\bVA MULTUMIM\b|\bTOTAL DE PLATA\b"
        r"|\bREST (DE DAT|LEI)\b"
    ),
    "PLN": (
        r"\bSUMA\b|\bDO ZAPLATY\b|\bGOTOWKA\b|\bRAZEM\b|\bDZIEKUJEMY\b|\bSPRZEDAWCA\b|\bNABYWCA\b"
    ),
    "CZK": r"\bDEKUJEME\b|\bHOTOVOST\b|\bZAPLACENO\b|\bODBERATEL\b",
    "HUF": r"\bKOSZONJUK\b|\bKOESZOENJUEK\b|\bVEGOSSZEG\b|\bKESZPENZ\b|\bBANKKARTYA\b",
    "TRY": r"\bTESEKKUER\w*|\bNAKIT\b|\bARA TOPLAM\b|\bKREDI KARTI\b",
    "RSD": r"\bUPLACENO\b|\bZA UPLATU\b|\bPRETHODNO STANJE\b|\bPOVRACAJ\b",
    "ALL": r"\bFATURE TATIMORE\b|\bFALEMINDERIT\b|\bTVSH\b",
    "IDR": (
        r"\bTERIMA KASIH\b.{0,30}\bKUNJUNGAN\b|\bTUNAI\b.{0,10}\d\.\d{3}|\bKEMBALIAN\b|\bPAJAK\b"
    ),
    "MYR": r"\bBAKI\b|\bRESIT\b|\bJUMLAH BESAR\b",
    "VND": r"\bCAM ON\b.{0,12}\bQUY KHACH\b|\bTHANH TIEN\b|\bTIEN MAT\b",
    "BRL": r"\bVALOR A PAGAR\b.{0,4}R\b|\bVOLTE SEMPRE\b|\bCPF\b",
}
"""By currency: patterns of folded rows."""
