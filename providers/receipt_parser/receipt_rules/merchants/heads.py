"""Heads: which rows of a receipt's head are a title, an address, or whom it is addressed to.

A title stands above the name as often as below it, and an invoice prints its customer larger than
its seller.
"""

import re
from itertools import pairwise

from models import TextLine
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.merchants.words.labels import (
    names_customer,
    names_seller,
)
from providers.receipt_parser.receipt_rules.merchants.words.legal_forms import has_legal_form
from providers.receipt_parser.receipt_rules.merchants.words.titles import is_title
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

_STREETS = re.compile(
    r"\b(JL|JLN|JALAN|KM|RUE|AVENUE|BD|BOULEVARD|PLACE|QUAI|CHEMIN|IMPASSE|ROUTE|COURS|CALLE|C"
    r"|AVDA|AV"
    r"|AVENIDA|PASEO"
    r"|CARRER|RUA|PRACA|LARGO|ESTRADA|VIA|VIALE|PIAZZA|CORSO|STRADA|UL|ULICA|ALEJA|AL|NAMESTI|TRIDA"
    r"|UTCA|UT|TER|CAD|CADDESI|SOK|SOKAK|BULVARI|MAH|ST|RD|AVE|BLVD|LANE|LN|DRIVE|DR|HWY|HIGHWAY"
    r"|SQUARE|COURT|CT|WAY|SUITE|STE|PKWY|STREET|ROAD|PLAZA|STORE|TORV|ALLE|SKWER|OS|PL|ROW|YARD"
    r"|SOI|THANON|MOO|GANG|RUKO|LORONG|QUAY|PARADE|TERRACE|CRESCENT|ESPLANADE|PROMENADE|STRAND"
    r"|HIGH STREET|MARKTPLATZ|AM|AN DER|IM|JR|JIRON|CRA|CARRERA|KR|CL|DG|TRANSVERSAL|CTRA"
    r"|CARRETERA|POL"
    r"|POLIGONO|ALAMEDA|TRAVESSA|TRAV|TV|RODOVIA|ROD|BR|VICOLO|PZA|P ZA|CONTRADA|FRAZIONE|LOCALITA"
    r"|LUNGOMARE|RUELLE|SENTIER|VOIE|ZI|ZA|ZAC|LIEU DIT|CHAUSSEE|STEENWEG|KAAI|CLOSE|MEWS|GROVE|PDE"
    r"|TCE|CRES|ESP|CCT|TPKE|BLV|RRUGA|RR|BULEVARDI|PROSPEKT|BUL|SOS|SOSEAUA|CALEA|PIATA|SAT|IELA"
    r"|GATVE|PR|ALEJA|TANAV|MNT|PST|TARG|TRG|TRH|RYNEK|NABREZI|NABREZJE|SETANY|KRT|KOERUT|KORUT"
    r"|RAKPART"
    r"|TERE|TORGET|TORVET|TORG|PLADS|PLASS|KAJ|KAJEN|MEYDANI|PASAJI|BLOK|KAT|MAHALLESI|SQ|CROSS"
    r"|MAIN"
    r"|SECTOR|NAGAR|MARG|CHOWK|PHASE|SEC|BARANGAY|BRGY|KAV|RT|RW|KEC|P O BOX|PO BOX|POSTFACH"
    r"|APDO)\b"
    r"|\b[A-Z]+ (G|U|UTCA) \d"
    r"|\w{3,}(STRAAT|LAAN|WEG|KADE|PLEIN|GRACHT|DIJK|SINGEL|GATAN|GATA|VAE?GEN|GATE|VEIEN"
    r"|VEGEN|GADE"
    r"|VEJ|KATU|TIE|RANTA|KUJA|VEGUR|BRAUT|STRAETI|SOKAGI|STR|STRASSE|PLATZ|ALLEE|GASSE|RING|DAMM"
    r"|UFER|WINKEL|STEIG)\b"
)
_POSTCODE = re.compile(
    r"\b\d{5}\b|\b\d{4} [A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]{1,2}[IO][A-Z\d]? \d[A-Z]{2}$"
    r"|^(A|D|CH|L|B|DK|N|S|FIN)? ?\d{4} [A-Z]{3,}|\b\d{3} \d\d [A-Z]{3,}|\b\d\d \d{3} [A-Z]{3,}"
    r"|\b\d{4} \d{3} [A-Z]{3,}|\b[A-Z]{2} \d{5}\b|\b[A-Z]{2,3} \d{4}$"
)
_SENDER = re.compile(r"\s[-\u2013*]\s|\s?[\u00b7\u2022|]\s?")
_CUSTOMER_ROWS = 4
_LONGEST_LABEL = 60
"""In characters."""
_SAID = re.compile(
    r"\b(I (AM|HAVE|LOVE|WAS|WILL)|WE|YOU|YOUR|OUR|PLEASE|THANKS?|HI|HELLO|DEAR|MERCI|DANKE"
    r"|DEINE?|EURE?|VOTRE|VOS|JOUW|TUO|TUA|DITT"
    r"|GRACIAS|GRAZIE|TAK|KIITOS"
    r"|BEDANKT)\b"
)
_LEAST_WORDS = 3
_HEAD = 8
"""Rows at the top of a page in which a letterhead is."""
_MOST_WORDS = 12
"""Of a row of a letterhead."""
_COLUMN = 2.5
"""In heights: the least gap between two columns."""
_APART = 0.8
"""In heights: more than between two words. A title, or a customer, stands so far from a name."""


def from_letterhead(rows: list[Row]) -> list[Row]:
    """Return the rows from the first page on that has money, or else a company or an address.

    The terms of a contract may be printed before the invoice.
    """
    for page in sorted({row.page for row in rows}):
        own = [row for row in rows if row.page == page]
        if any(find_amounts(row.text) for row in own) or any(map(_is_of_letterhead, own[:_HEAD])):
            return [row for row in rows if row.page >= page]
    return rows


def _is_of_letterhead(row: Row) -> bool:
    is_short = len(row.label.split()) <= _MOST_WORDS and not row.text.rstrip().endswith(".")
    return is_short and (is_address(row.label) or has_legal_form(row.text))


def is_address(label: str) -> bool:
    """Return whether a folded row is a street or a town, with a number."""
    if not any(sign.isdigit() for sign in label):
        return False
    return bool(_STREETS.search(label) or _POSTCODE.search(label))


def has_postcode(label: str) -> bool:
    """Return whether a folded row has a postcode."""
    return bool(_POSTCODE.search(label))


def is_sentence(text: str) -> bool:
    """Return whether a text says something to somebody."""
    words = text.split()
    return len(words) >= _LEAST_WORDS and bool(_SAID.search(text.upper()))


def sender_of(text: str) -> str | None:
    """Return the name at the start of a sender's line, as above the window of an envelope."""
    parts = _SENDER.split(text)
    if len(parts) < _LEAST_WORDS or not any(sign.isdigit() for sign in text):
        return None
    return parts[0].strip() or None


def cells(row: Row) -> list[Row]:
    """Return the columns of a row, each as a row of its own."""
    found = [[row.lines[0]]]
    for last, line in pairwise(row.lines):
        gap = line.box[0] - last.box[2]
        is_apart = gap > _APART * row.height and (_is_label(line) or _is_label(last))
        if is_apart or gap > _COLUMN * row.height:
            found.append([])
        found[-1].append(line)
    return [Row(tuple(lines)) for lines in found]


def _is_label(line: TextLine) -> bool:
    label = fold(line.text[:_LONGEST_LABEL])
    return is_title(label, line.text[:_LONGEST_LABEL]) or names_customer(label)


def customers_of(rows: list[Row]) -> set[tuple[int, int, int, int]]:
    """Return the boxes of the cells that are, or may be, the customer's name and address."""
    boxes: set[tuple[int, int, int, int]] = set()
    for index, row in enumerate(rows):
        parts = cells(row)
        for number, part in enumerate(parts):
            if names_customer(part.label) and not is_title(part.label):
                boxes.add(part.box)
                if number + 1 < len(parts) and len(part.label.split()) <= _LEAST_WORDS:
                    boxes.add(parts[number + 1].box)
                boxes |= _below(part, rows[index + 1 : index + 1 + _CUSTOMER_ROWS])
        if sender_of(row.text) is not None:  # the window of an envelope
            below = rows[index + 1 : index + 2 + _CUSTOMER_ROWS]
            if len(below) > 1 and not is_address(below[0].label):
                for each in below:
                    if is_title(each.label):
                        break
                    boxes.add(each.box)
                    boxes |= {part.box for part in cells(each)}
    return boxes


def _below(label: Row, rows: list[Row]) -> set[tuple[int, int, int, int]]:
    boxes = set()
    left, _, right, _ = label.box
    for row in rows:
        if names_seller(row.label) or is_title(row.label):
            break
        boxes |= {
            part.box
            for part in cells(row)
            if part.box[0] < right + label.height and part.box[2] > left - label.height
        }
    return boxes
