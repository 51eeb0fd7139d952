"""Heads: which rows of a receipt's head are a title, an address, or whom it is addressed to.

A title stands above the name as often as below it, and an invoice prints its customer larger than
its seller.
"""

import re
from itertools import pairwise

from models import TextLine
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import fold

_TITLE_WORDS = """
TAX INVOICE RECEIPT SALES CASH BILL OFFICIAL CUSTOMER MERCHANT COPY ORIGINAL DUPLICATE REPRINT SLIP
PAYMENT PURCHASE ORDER STATEMENT ACCOUNT TICKET E GUEST CHECK REFUND RETURN CREDIT NOTE MEMO PAID
VOID SALE TRANSACTION RECORD FINAL LOGO HOTEL FOLIO CONFIRMATION YOUR THE OF FOR
RECHNUNG QUITTUNG BELEG KASSENBON KASSENBELEG KUNDENBELEG HAENDLERBELEG BON KASSENZETTEL GUTSCHRIFT
BEWIRTUNGSBELEG BEWIRTUNGSRECHNUNG RETOURE STORNO BARVERKAUF KOPIE ZWISCHENRECHNUNG BARRECHNUNG
FACTURE RECU CAISSE DE TICKET NOTE ADDITION JUSTIFICATIF CLIENT COPIE FACTURETTE AVOIR
FACTURA RECIBO SIMPLIFICADA BOLETA COMPROBANTE CLIENTE COPIA PARA EL COMPRA VENTA ABONO ELECTRONICA
FATURA TALAO CUPOM FISCAL NOTA SIMPLIFICADA ELETRONICA
SCONTRINO FATTURA RICEVUTA DOCUMENTO COMMERCIALE NON FISCALE DI VENDITA O PRESTAZIONE
KASSABON FACTUUR BONNETJE KASSATICKET REKENING KLANTENBON KLANTTICKET BETALINGSBEWIJS
KVITTO KVITTERING KASSEBON KVITTERINGER FAKTURA KASSAKVITTO KONTANTFAKTURA BONG KVITTENS
KUITTI LASKU KASSAKUITTI ASIAKKAAN KAPPALE
PARAGON FISKALNY NIEFISKALNY RACHUNEK POTWIERDZENIE VAT
UCTENKA PARAGON DOKLAD DANOVY ZJEDNODUSENY FAKTURA BLOCEK POKLADNICNY
NYUGTA SZAMLA ADOUGYI BIZONYLAT EGYSZERUSITETT
FIS FISI FATURA MAKBUZ BILGI SATIS
BON FISCAL CHITANTA RACUN
RESIT INVOIS CUKAI
CREDITO CREDIT INVOICE MERCHANDISE RETURNED ITEMS PROPOSAL QUOTE QUOTATION ESTIMATE DRAFT PRO FORMA
PROFORMA REMINDER INTERIM PROVISIONAL TRAINING SAMPLE SPECIMEN NUMBER DATE DETAILS SUMMARY
KORREKTURRECHNUNG RUECKERSTATTUNG RUECKGABE ANGEBOT KOSTENVORANSCHLAG AUFTRAGSBESTAETIGUNG
LIEFERSCHEIN MAHNUNG ZAHLUNGSERINNERUNG RECHNUNGSENTWURF ENTWURF ZWISCHENBELEG VORLAEUFIGE
STORNORECHNUNG FAHRSCHEIN DEVIS RELANCE COMMANDE BON REMBOURSEMENT RETOUR MARCHANDISE PROVISOIRE
TICKET PRESUPUESTO COTIZACION OFERTA COMERCIAL DEVOLUCION RECTIFICATIVA NOTA DE ALBARAN PEDIDO
PREVENTIVO PRECONTO RESO MERCE RIMBORSO DEBITO OFFERTE PRIJSOPGAVE AANMANING CREDITFACTUUR
CREDITNOTA PAKBON OFFERT KREDITFAKTURA RETURKVITTO PAMINNELSE TILBUD PRISTILBUD KREDITNOTA RYKKER
TARJOUS HYVITYSLASKU PALAUTUS WYCENA KOREKTA ZWROT TOWARU NABIDKA OPRAVNY DOBROPIS ARAJANLAT
VISSZARU TEKLIF IADE FATURASI ORCAMENTO DEVOLUCAO CHITANTA FACTURI
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_NUMBER = re.compile(r"^(NO|NR|N|NUM|NUMBER|[A-Z]|NC|CN|FA|FV|GS|RE|\d[\dA-Z]*|[A-Z]{1,3}\d+)$")

_STREETS = re.compile(
    r"\b(JL|JLN|JALAN|KM|RUE|AVENUE|BD|BOULEVARD|PLACE|QUAI|CHEMIN|IMPASSE|ROUTE|COURS|CALLE|C"
    r"|AVDA|AV"
    r"|AVENIDA|PASEO"
    r"|CARRER|RUA|PRACA|LARGO|ESTRADA|VIA|VIALE|PIAZZA|CORSO|STRADA|UL|ULICA|ALEJA|AL|NAMESTI|TRIDA"
    r"|UTCA|UT|TER|CAD|CADDESI|SOK|SOKAK|BULVARI|MAH|ST|RD|AVE|BLVD|LANE|LN|DRIVE|DR|HWY|HIGHWAY"
    r"|SQUARE|COURT|CT|WAY|SUITE|STE|PKWY|STREET|ROAD|PLAZA|STORE|TORV|ALLE|SKWER|OS|PL|ROW|YARD"
    r"|SOI|THANON|MOO|GANG|RUKO|LORONG|QUAY|PARADE|TERRACE|CRESCENT|ESPLANADE|PROMENADE|STRAND"
    r"|HIGH STREET|MARKTPLATZ|AM|AN DER|IM)\b"
    r"|\w{3,}(STRAAT|LAAN|WEG|KADE|PLEIN|GRACHT|DIJK|SINGEL|GATAN|GATA|VAE?GEN|GATE|VEIEN"
    r"|VEGEN|GADE"
    r"|VEJ|KATU|TIE|STR|STRASSE|PLATZ|ALLEE|GASSE|RING|DAMM|UFER|WINKEL|STEIG)\b"
)
_POSTCODE = re.compile(
    r"\b\d{5}\b|\b\d{4} [A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]{1,2}[IO][A-Z\d]? \d[A-Z]{2}$"
    r"|^(A|D|CH|L|B|DK|N|S|FIN)? ?\d{4} [A-Z]{3,}|\b\d{3} \d\d [A-Z]{3,}|\b\d\d \d{3} [A-Z]{3,}"
    r"|\b\d{4} \d{3} [A-Z]{3,}|\b[A-Z]{2} \d{5}\b|\b[A-Z]{2,3} \d{4}$"
)
_CUSTOMER = re.compile(
    r"^(BILL(ED)? TO|SHIP(PED)? TO|SOLD TO|INVOICE TO|DELIVER TO|TO|ATTN|ATTENTION|CUSTOMER( NAME)?"
    r"|CLIENT|GUEST( NAME)?|PATIENT|MEMBER|KUNDE|RECHNUNG AN|RECHNUNGSADRESSE|LIEFERADRESSE"
    r"|AN|HERRN?"
    r"|FRAU|FIRMA|FACTURE A|FACTUREE? A|ADRESSE DE (FACTURATION|LIVRAISON)|CLIENTE|DESTINATAIRE"
    r"|FACTURAR A|DATOS DEL CLIENTE|INTESTATARIO|SPETT\w*|DESTINATARIO|FACTUURADRES|AFLEVERADRES"
    r"|CLIENT NAME|ACHETEUR|COMPRADOR|ACQUIRENTE|CESSIONARIO|KOPER|KOE?PARE|KUPUJACY|KUPUJICI"
    r"|CUMPARATOR"
    r"|KUPAC|KJOE?PER|KOE?BER|OSTAJA|BUYER|KAEUFER(IN)?|PURCHASER|RECIPIENT|EMPFAENGER(IN)?"
    r"|BENEFICIAR"
    r"|KLANT|AAN|T A V|KUND|FAKTURAADRESS|ASIAKAS|NABYWCA|ODBERATEL|ZAKAZNIK|VEVO|ALICI|MUSTERI)\b"
)
_SELLER = re.compile(
    r"^(FROM|SELLER|VENDOR|ISSUER|VERKAEUFER|VENDEUR|EMETTEUR|VENDEDOR|EMISOR|VENDU"
    r" PAR|VENDITORE|FORNITORE|VERKOPER|LEVERANCIER|SPRZEDAWCA|DODAVATEL|ELADO|SATICI)\b"
)
_OWNER = re.compile(
    r"^(INH(ABER(IN)?)?|INHABERS?|GESCHAEFTSFUEHRER(IN)?|GF|EIGENTUEMER(IN)?|OWNERS?|PROP(RIETORS?"
    r"|S)?"
    r"|MANAGER|MANAGED BY|OPERATED BY|GERANTE?|EXPLOITANTE?|TITULAIRE|TITULAR|PROPRIETAIRE"
    r"|PROPIETARI[OA]|TITOLARE|GERENTE|EIGENAAR|INNEHAVARE|INDEHAVER|INNEHAVER|WLASCICIEL|MAJITEL"
    r"|TULAJDONOS|SAHIBI|DIPL ING|DR MED|DI .{3,60}( & C| S ?N ?C| S ?A ?S))\b"
)
_SAID_OF_THE_PAPER = re.compile(
    r"^((PAYMENT|PAY) (METHOD|TYPE|TERMS)|METHOD OF PAYMENT|DATE PAID|AMOUNT (DUE|PAID)|(INVOICE"
    r"|RECEIPT|ORDER"
    r"|BOOKING|REFERENCE|ACCOUNT|CUSTOMER|POLICY|MEMBER) (NO|NUMBER|ID|REF\w*)|APPLIES TO|SUBJECT"
    r"|DURATION|PARKED"
    r"|PARKING TIME|ENTRY|EXIT|ENTERED|PLATE|LICEN[CS]E PLATE|ZONE|ZAHLUNGS?(ART|WEISE|ZIEL)"
    r"|KUNDEN ?(NR|NUMMER)"
    r"|RECHNUNGS ?(NR|NUMMER)|BEARBEITER(IN)?|PARKDAUER|DAUER|EINFAHRT|AUSFAHRT|KENNZEICHEN"
    r"|MODE DE (PAIEMENT"
    r"|REGLEMENT)|DUREE|ENTREE|SORTIE|NUMERO (DE )?(CLIENT|FACTURE)|FORMA DE PAGO|METODO (DE"
    r"|DI) PAG\w+|DURACION"
    r"|ENTRADA|SALIDA|MATRICULA|MODALITA DI PAGAMENTO|DURATA|INGRESSO|USCITA|TARGA|BETAAL(WIJZE"
    r"|METHODE)|DUUR"
    r"|PARKEERDUUR|KENTEKEN|FACTUURNUMMER|KLANTNUMMER|BETALNINGS(SAE?TT|VILLKOR)|BETALINGSMAADE"
    r"|BETALINGSMATE"
    r"|VARIGHET|VARIGHED|MAKSUTAPA|FORMA PLATNOSCI|SPOSOB (ZAPLATY|PLATNOSCI)|ZPUSOB PLATBY"
    r"|FIZETESI MOD"
    r"|ODEME (SEKLI|TIPI)|METODA DE PLATA|FORMA DE PAGAMENTO|DURACAO)\b"
)
"""Labels of what a paper says of itself."""
_SAID_OF_THE_SHOP = re.compile(
    r"^(STORE|BRANCH|SHOP|FILIALE|MARKT|MAGASIN|TIENDA|BUTIK)( NR| NO)? \d"
    r"|^FILIALE [A-Z]+( [A-Z]+)?$"
    r"|^Y TUNNUS\b|\b(AU CAPITAL|CAPITAL SOCIAL|CAPITALE SOCIALE)\b"
    r"|^((ZIMMEREI |MALER)?(MEISTER|INNUNGS|FACH|FAMILIEN|HANDWERKS)BETRIEB|KUNDEN(DIENST|DIALOG"
    r"|SERVICE|CENTER)"
    r"|BUCHHALTUNG|RECHNUNGSABTEILUNG|ZENTRALE|HAUPTSITZ|FILIALE|NIEDERLASSUNG|ZWEIGSTELLE"
    r"|POSTFACH|SEIT \d{4}"
    r"|SERVICE CLIENTS?|SIEGE SOCIAL|SUCCURSALE|DEPUIS \d{4}|MAISON FONDEE|ARTISAN"
    r"|CUSTOMER (SERVICE|CARE)"
    r"|HEAD OFFICE|REGISTERED OFFICE|ACCOUNTS( DEPARTMENT)?|BRANCH|SINCE \d{4}|EST \d{4}"
    r"|ESTABLISHED \d{4}"
    r"|FAMILY (BUSINESS|OWNED)|ATENCION AL CLIENTE|DOMICILIO( FISCAL| SOCIAL)?|SEDE( LEGALE)?"
    r"|DESDE \d{4}"
    r"|DAL \d{4}|SERVIZIO CLIENTI|KLANTENSERVICE|HOOFDKANTOOR|SINDS \d{4}|KUNDSERVICE|KUNDTJAE?NST"
    r"|KUNDESERVICE|BIURO OBSLUGI|ODDZIAL|POBOCKA|ADRES(SE)?|ADDRESS|ANSCHRIFT|DIRECCION|INDIRIZZO"
    r"|ENDERECO)( \d\w*)?$"
)
"""What stands at the head of a letter instead of a name."""
_SENDER = re.compile(r"\s[-\u2013*]\s|\s?[\u00b7\u2022|]\s?")
_CUSTOMER_ROWS = 4
_LONGEST_LABEL = 60
"""In characters."""
_SAID = re.compile(
    r"\b(I|WE|YOU|YOUR|OUR|PLEASE|THANKS?|HI|HELLO|DEAR|MERCI|DANKE|GRACIAS|GRAZIE|TAK|KIITOS"
    r"|BEDANKT)\b"
)
_LEAST_WORDS = 3
_COLUMN = 2.5
"""In heights: the least gap between two columns."""
_APART = 0.8
"""In heights: more than between two words. A title, or a customer, stands so far from a name."""


def is_title(label: str) -> bool:
    """Return whether a folded row only says what kind of paper it is on."""
    words = label.split()
    return any(word in _TITLES for word in words) and all(
        word in _TITLES or _NUMBER.match(word) for word in words
    )


def is_said_of_itself(label: str) -> bool:
    """Return whether a folded row is a label of the paper, or a word for the shop, and no name."""
    return bool(_SAID_OF_THE_PAPER.search(label) or _SAID_OF_THE_SHOP.search(label))


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


def names_customer(label: str) -> bool:
    """Return whether a folded row begins with what stands before a customer's name."""
    return bool(_CUSTOMER.search(label))


def names_seller(label: str) -> int:
    """Return how many words a folded row begins with that stand before a seller's name."""
    found = _SELLER.search(label)
    return len(found[0].split()) if found else 0


def names_owner(label: str) -> bool:
    """Return whether a folded row begins with what stands before the name of a shop's owner."""
    return bool(_OWNER.search(label))


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
    return is_title(label) or names_customer(label)


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
