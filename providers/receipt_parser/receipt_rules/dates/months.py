# ruff: noqa: RUF001
"""Months: their names in the languages that tills print, without accents."""

import re
import unicodedata

_NAMES = (
    "JAN JANUARY JANUAR JANUARI JANVIER JANV ENERO ENE GENNAIO GEN JANEIRO STYCZNIA STYCZEN STY"
    " LEDNA LEDEN JANUARA TAMMIKUU TAMMIKUUTA OCAK IANUARIE",
    "FEB FEBRUARY FEBRUAR FEBRUARI FEVRIER FEVR FEV FEBRERO FEBBRAIO FEVEREIRO LUTEGO LUTY UNORA"
    " FEBRUARA HELMIKUU HELMIKUUTA SUBAT FEBRUARIE",
    "MAR MARCH MARZ MAERZ MRZ MAC MARS MARZO MARCO MAART MRT MARCA MARZEC BREZNA MARCIUS MAALISKUU"
    " MAALISKUUTA MARTS MART MARTIE",
    "APR APRIL AVRIL AVR ABRIL ABR APRILE KWIETNIA KWIECIEN KWI DUBNA APRILA APRILIS HUHTIKUU"
    " HUHTIKUUTA NISAN APRILIE",
    "MAY MAI MEI MAYO MAGGIO MAG MAIO MAJA MAJ KVETNA MAJUS TOUKOKUU TOUKOKUUTA MAYIS",
    "JUN JUNE JUNI JUIN JUNIO GIUGNO GIU JUNHO CZERWCA CZERWIEC CZE CERVNA JUNA JUNIUS KESAKUU"
    " KESAKUUTA HAZIRAN IUNIE",
    "JUL JULY JULI JULAI JUILLET JUIL JULIO LUGLIO LUG JULHO LIPCA LIPIEC LIP CERVENCE JULA JULIUS"
    " HEINAKUU HEINAKUUTA TEMMUZ IULIE",
    "AUG AUGUST OGOS OGO AOUT AGOSTO AGO AUGUSTUS AUGUSTI SIERPNIA SIERPIEN SIE SRPNA AUGUSTA"
    " AUGUSZTUS ELOKUU ELOKUUTA AGUSTOS",
    "SEP SEPT SEPTEMBER SEPTEMBRE SEPTIEMBRE SETIEMBRE SETTEMBRE SET SETEMBRO WRZESNIA WRZESIEN WRZ"
    " ZARI SEPTEMBRA SZEPTEMBER SZEPT SYYSKUU SYYSKUUTA EYLUL SEPTEMBRIE",
    "OCT OKT OCTOBER OKTOBER OCTOBRE OCTUBRE OTTOBRE OTT OUTUBRO OUT PAZDZIERNIKA PAZDZIERNIK PAZ"
    " RIJNA OKTOBRA LOKAKUU LOKAKUUTA EKIM OCTOMBRIE",
    "NOV NOVEMBER NOVEMBRE NOVIEMBRE NOVEMBRO LISTOPADA LISTOPADU LISTOPAD LIS NOVEMBRA MARRASKUU"
    " MARRASKUUTA KASIM NOIEMBRIE",
    "DEC DECEMBER DEZ DEZEMBER DIS DISEMBER DECEMBRE DICIEMBRE DIC DICEMBRE DEZEMBRO DES DESEMBER"
    " GRUDNIA GRUDZIEN GRU PROSINCE DECEMBRA JOULUKUU JOULUKUUTA ARALIK DECEMBRIE",
)
_IN_OTHER_LETTERS = (
    "ЯНВАРЯ СІЧНЯ ЯНУАРИ ΙΑΝΟΥΑΡΙΟΥ",
    "ФЕВРАЛЯ ЛЮТОГО ФЕВРУАРИ ΦΕΒΡΟΥΑΡΙΟΥ",
    "МАРТА БЕРЕЗНЯ МАРТ ΜΑΡΤΙΟΥ",
    "АПРЕЛЯ КВІТНЯ АПРИЛ ΑΠΡΙΛΙΟΥ",
    "МАЯ ТРАВНЯ МАИ ΜΑΙΟΥ",
    "ИЮНЯ ЧЕРВНЯ ЮНИ ΙΟΥΝΙΟΥ",
    "ИЮЛЯ ЛИПНЯ ЮЛИ ΙΟΥΛΙΟΥ",
    "АВГУСТА СЕРПНЯ АВГУСТ ΑΥΓΟΥΣΤΟΥ",
    "СЕНТЯБРЯ ВЕРЕСНЯ СЕПТЕМВРИ ΣΕΠΤΕΜΒΡΙΟΥ",
    "ОКТЯБРЯ ЖОВТНЯ ОКТОМВРИ ΟΚΤΩΒΡΙΟΥ",
    "НОЯБРЯ ЛИСТОПАДА НОЕМВРИ ΝΟΕΜΒΡΙΟΥ",
    "ДЕКАБРЯ ГРУДНЯ ДЕКЕМВРИ ΔΕΚΕΜΒΡΙΟΥ",
)
"""In Russian, Ukrainian, Bulgarian and Greek, as dates have them."""
_MONTHS = {
    name: number
    for each in (_NAMES, _IN_OTHER_LETTERS)
    for number, names in enumerate(each, 1)
    for name in names.split()
}
MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
"""A regular expression for a month in a text that is ``unaccented``."""


_MISREAD = re.compile(r"(?<![A-Z])(?=[A-Z]{0,8}[0158][A-Z0158]{0,8})(?=[0158]?[A-Z])[A-Z0158]{3,9}")
_AS_LETTERS = str.maketrans("0158", "OISB")


def respelt_months(text: str) -> str:
    """Return a text in capitals with ``OCT`` for an ``0CT`` in which OCR read letters as digits."""
    return _MISREAD.sub(lambda word: _respelt(word[0]), text)


def _respelt(word: str) -> str:
    for digits in (0, 1, 2):  # of a day that is joined to the month
        letters = word[digits:].translate(_AS_LETTERS)
        if word[:digits].isdigit() == bool(digits) and letters in _MONTHS:
            return word[:digits] + letters
    return word


def unaccented(text: str) -> str:
    """Return the text in capitals and without accents."""
    text = text.replace("\u0142", "l").replace("\u0141", "L").upper()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return re.sub("[\u0300-\u036f]", "", decomposed)


def month_of(name: str) -> str:
    """Return the number of a month."""
    return str(_MONTHS[name])


def is_month(word: str) -> bool:
    """Return whether a word in capitals and without accents is the name of a month."""
    return word in _MONTHS
