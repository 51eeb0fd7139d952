"""Countries: what tells where a receipt is from, and so what its amounts are in.

Names of taxes and numbers of registers tell it wherever they are printed. Names of places do only
in rows without amounts: London Fog, Singapore Noodles and Canada Dry are on menus everywhere.
"""

import re
from collections import Counter
from collections.abc import Iterator

from models import digits_of
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.currencies.contacts import currencies_of_contacts
from providers.receipt_parser.receipt_rules.currencies.places import places_in
from providers.receipt_parser.receipt_rules.currencies.taxes import TAXES
from providers.receipt_parser.receipt_rules.currencies.words import WORDS
from providers.receipt_parser.receipt_rules.merchants.words.trade_words import ALL_TRADE_WORDS
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
_ADDRESSES: dict[str, str] = {
    # An American number has three digits, three, and four.
    "MYR": (
        r"\bJALAN\b|\bJLN\b|\bSELANGOR|\bJOHOR|\bKUALA LUMPUR|\b60[1-9] ?\d{4} ?\d{4}\b"
        r"|\b601\d ?\d{3,4} ?\d{4}\b"
    ),
    "IDR": r"\bJL \w+|\bKEC \w+|\bKEL \w+|\bKAB \w+|\bRT ?\d{1,3} RW ?\d",
    "THB": r"\bSOI \d|\bTHANON\b|\bMOO \d",
    "EUR": (
        r"\w*STRASSE\b|\w{3,}STR \d|\bRUE (DE|DU|DES)\b|\bCO (KERRY|GALWAY|CORK|CLARE|MAYO"
        r"|DONEGAL)\b"
    ),
    "GBP": r"\bUK\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b",
    "AUD": r"\b(NSW|VIC|QLD|TAS|ACT|WA|SA|NT) \d{4}\b",
    "NZD": r"\bWELLINGTON \d",
    "CAD": (
        r"\b(ON|QC|BC|AB|MB|SK|NS|NB|NL|PE) [A-Z]\d[A-Z]\b"
        r"|\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b"
    ),
    "SGD": r"\bS ?\d{6}\b",
    "USD": rf"\bUSA\b|\bU S A\b|\b({_STATES}) \d{{5}}\b|\b({_STATE_NAMES})$",
    "CHF": r"\bCH \d{4}\b",
    "NGN": (
        r"\b(IKEJA|LEKKI|IKOYI|SURULERE|VICTORIA ISLAND|ABUJA|PORT HARCOURT|IBADAN|ENUGU|KADUNA"
        r"|LAGOS STATE)\b"
    ),
    "JMD": r"\bJAMAICA\b(?! NY)",
    "RON": r"\bJUD \w+|\bSTR \w+ NR \d",
    "BRL": r"\b\d{5} \d{3}\b.{0,20}\b[A-Z]{2}$",
}
"""Postcodes and words of streets, as ``fold`` writes them."""
_COMPILED = {
    name: [(code, re.compile(pattern)) for code, pattern in clues.items()]
    for name, clues in (("taxes", TAXES), ("words", WORDS), ("addresses", _ADDRESSES))
}
_KANA = re.compile("[\u3041-\u30fa]{2}")
_HAN = re.compile("[\u4e00-\u9fff]{2}")
_HAN_PLACES = (
    ("TWD", re.compile("[台臺][北中南灣]|新北市|統一編號|高雄|悠遊卡")),
    ("HKD", re.compile("香港|九龍|八達通")),
    ("JPY", re.compile("東京|大阪府|京都[府市]|横浜|名古屋|札幌|福岡|神戸|税込|領収|現計")),
)
"""Cities, registers, cards and words that are written with Han letters, but not in China."""
_SCRIPTS = {
    "KRW": re.compile("[\uac00-\ud7a3]{2}"),
    "EUR": re.compile("[\u0391-\u03c9]{3}"),
    "THB": re.compile("[\u0e01-\u0e2e]{2}"),
    "ILS": re.compile("[\u05d0-\u05ea]{2}"),
}
_TAX_POINTS = 2
_HUNDREDTHS = 2
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
            points.update(set(_of_address(row, has_hundredths=bool(with_hundredths))))
    points.update(_script_clues(rows))
    return +points


def _of_address(row: Row, has_hundredths: bool) -> Iterator[str]:
    """Yield the currencies of the places, streets, phones and domains in a row."""
    label = row.label[:_LONGEST]
    for code, clue in _COMPILED["addresses"]:
        if clue.search(label):
            yield code
    yield from currencies_of_contacts(row.text[:_LONGEST])
    for code, first, last in places_in(label):
        # Countries whose money has no hundredths are names of restaurants where amounts have them.
        if (digits_of(code) == _HUNDREDTHS or not has_hundredths) and _is_address(row, first, last):
            yield code


def _is_address(row: Row, first: int, last: int) -> bool:
    """Return whether a place is where the shop is, and not in its name: Havana Cafe."""
    words = row.label[:_LONGEST].split()
    if "," in row.text or any(word.isdigit() for word in words):
        return True
    is_at_an_end = first == 0 or last == len(words)
    return is_at_an_end and ALL_TRADE_WORDS.isdisjoint(words)


def _script_clues(rows: list[Row]) -> Counter[str]:
    """Return points for the countries that alone have some letters: Han alone are Chinese."""
    letters = "".join(row.text[:_LONGEST] for row in rows)
    if letters.isascii():
        return Counter()
    if _KANA.search(letters):
        return Counter({"JPY": _TAX_POINTS})
    for code, places in _HAN_PLACES:
        if places.search(letters):
            return Counter({code: _TAX_POINTS})
    if _HAN.search(letters):
        return Counter({"CNY": 1})
    return Counter({code: 1 for code, script in _SCRIPTS.items() if script.search(letters)})
