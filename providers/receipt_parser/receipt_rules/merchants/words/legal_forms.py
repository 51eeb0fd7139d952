# ruff: noqa: RUF001
"""Legal forms: what a company's name has, and a shop's sign, an owner or a slogan has not.

Two letters may be a form or a word: those count only at the end of a name, and some only if they
are set off by their case, as in ``Bakke AS`` and ``Karoo Biltong CC``.
"""

import re
from functools import lru_cache

_COUNTIES = (
    "ANTRIM|ARMAGH|CARLOW|CAVAN|CLARE|CORK|DERRY|DONEGAL|DOWN|DUBLIN|DURHAM|FERMANAGH|GALWAY|KERRY"
    "|KILDARE|KILKENNY|LAOIS|LEITRIM|LIMERICK|LONGFORD|LOUTH|MAYO|MEATH|MONAGHAN|OFFALY|ROSCOMMON"
    "|SLIGO|TIPPERARY|TYRONE|WATERFORD|WESTMEATH|WEXFORD|WICKLOW"
)
"""Co. Kerry is a county, not a company."""
_ANYWHERE = "|".join(
    (
        # Malaysia, Singapore, Indonesia, India and their neighbours
        r"SDN\.? ?BHD|BHD|S/B|SB|PLT|LLP|PTE|PVT|TBK|CÔNG TY|TNHH",
        # English
        r"LTD|LIMITED|LLC|L\.L\.C|INC|INCORPORATED|CORP|PTY|PLC|PLLC|CIC|W\.?L\.?L|FZCO|FZE|FZ-LLC"
        r"|DMCC|(?<!, )CO\.(?! ?(?:REG|NO|" + _COUNTIES + r"))|& ?CO",
        # German
        r"GMBH|GES\.? ?M\. ?B\. ?H|MBH|AG|KG|KGAA|OHG|UG|GBR|E\. ?K|E\. ?KFM|E\. ?KFR|E\. ?U\.",
        # French, Italian, Romanian
        r"S\.?[AÀ]\.?R\.?L|SAGL|S\.?A\.?S\.?U?|SASU|EURL|SELARL|SUARL|SPRL|BVBA|SCRL|ASBL"
        r"|S\.? ?P\. ?A|S\.?R\.?L\.?S?|S\.?N\.?C(?=\.? *$)|SOC\. ?COOP",
        # Dutch
        r"B\. ?V|N\. ?V|BV|V\.O\.F|CVBA|VZW",
        # Spanish and Portuguese, here and in America
        r"S\.? ?A\.? DE C\. ?V|S\.? ?A\.? DE CV|S\.? DE R\. ?L|S\.? ?DE ?RL|S\.A\.P\.I"
        r"|S\.A\.C|SAC(?=\.? *$)|S\.A\.A|E\.? ?I\.? ?R\.? ?L|EIRELI|LDA|LTDA|UNIPESSOAL|S\.A\.U"
        r"|S\. ?COOP",
        # Slavic
        r"SP\. ?Z ?\.?O\.? ?O|SP\. ?[KJ](?=\.)|SPÓŁKA|S\. ?R\. ?O|SPOL\. S ?R|V\.O\.S|J\. ?S\. ?A"
        r"|J?\.?D\. ?O\. ?O|DOOEL|DOO(?=\.? *$)|EOOD|OOD|ЕООД|ООД|ЕАД",
        # Hungarian, Baltic, Albanian, Turkish
        r"KFT|ZRT|NYRT|KKT|UAB|SIA|OÜ|SH\.? ?P\.? ?K|A\. ?Ş|AŞ(?=\.? *$)|[ŞS]T[İI]\.?(?= *$)",
        # Nordic
        r"OY|OYJ|TMI|ASA|A/S|APS|I/S|K/S|P/S|IVS|EHF|OHF",
    )
)
_AT_THE_END = (
    r"S\. ?L\.? ?U?|SLU?|SA|S\. ?A|S\. ?L\. ?[LP]|AS|A[BDEG]|A\. ?S|HB|KB|KY|ANS|ENK|DA\.|BT|HF"
    r"|E\. ?V"
    r"|S\. ?C|S\. ?P|SP\. ?[KJ]|K\. ?S|D\. ?D|P\.?F\.?A|E\.?P\.?E|I\.K\.E|O\.E|E\.E|VOF|LP|АД"
    r"|Α\.?Ε|Ε\.?Π\.?Ε|Ο\.?Ε|Ε\.?Ε|Ι\.?Κ\.?Ε|EPP|OPC|ΑΕΒΕ"
)
_AT_THE_START = r"S\. ?C\. (?=\w)|PT\.? (?=\w)|CV\. ?(?=\w)|ООО|ОАО|ЗАО|ПАО|АО|ТОВ|ИП|ФОП|ЕТ"
_ASIAN = '株式会社|有限会社|合同会社|有限公司|有限責任公司|주식회사|㈜|บริษัท|בע"מ'

LEGAL_FORM = re.compile(
    rf"\b(?:{_ANYWHERE}|(?:{_AT_THE_END})(?=\.? *$))(?!\w)|^(?:{_AT_THE_START})(?!\w)"
    rf"|^(?:SIA|UAB|MB) (?=[\"„“]?\w)|{_ASIAN}"
)
"""Legal forms of companies, in a name of which all letters are capital."""
_SET_OFF = re.compile(
    r"[a-z\u00df-\u00ff] +(?:AD|OG|CC|SE|DA|IS|ME|MEI|MB|PR|IK|RY|SF|SPA|SpA|ASD|EG|eG|eU|KS|SS"
    r"|SCA|SCI|CB|PC|SCOP|ApS|AmbA|OU|OSK|UD)\.?$"
)
"""Those that would be words, if not by their case."""
_MALAYSIAN = re.compile(r"\b(SDN|BHD|S/B|PLT)(?!\w)", re.I)

CLOSING_FORM = re.compile(
    r"\b(SDN\.? ?BHD\.?|S/B|PLT|GMBH(?! ?& ?CO)|LTD(?!\.? ?[\u015eS]T[\u0130I])\.?"
    r"|(?<!, )CO\.(?! ?[(&]| ?KG| ?(?:" + _COUNTIES + r")))(?![A-Z])",
    re.I,
)
"""Legal forms that end a name: what follows is a number or a place."""


@lru_cache(maxsize=1024)
def has_legal_form(name: str) -> bool:
    """Return whether a name, as it is printed, is that of a company."""
    return bool(LEGAL_FORM.search(name.upper()) or _SET_OFF.search(name.rstrip()))


def is_of_malaysia(name: str) -> bool:
    """Return whether a company is of where receipts are called by the company, not by the sign."""
    return bool(_MALAYSIAN.search(name))
