"""What papers are called, in many languages and layouts; all of them are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("2 Quay Road, Leeds LS1 1AA", "14/03/2026 12:30")
TEA = ("Tea | \u00a34.50", "TOTAL | \u00a34.50", "VISA | \u00a34.50")
REFUNDS = """
CREDIT NOTE, Sales credit note 2026-118, Credit invoice, CREDIT MEMORANDUM, MERCHANDISE CREDIT,
RETURNED ITEMS, Your refund, Refund confirmation, Gutschrift Nr. 8, Stornorechnung,
Korrekturrechnung, R\u00fcckerstattungsbeleg, Ruckgabe, Warenr\u00fccknahme, AVOIR n\u00b0 92,
Note de cr\u00e9dit, Facture d'avoir, RETOUR MARCHANDISE, Factura de abono,
Factura rectificativa R-2026/018,
TICKET DE DEVOLUCI\u00d3N, Nota di accredito, RESO MERCE,
DOCUMENTO COMMERCIALE emesso per RESO MERCE, Creditfactuur, Terugbetaling, KREDITFAKTURA,
\u00c5TERK\u00d6P, \u00c5terbetalning, Kreditnota, Varer i retur, Tilbagebetaling, Refusjon,
HYVITYSLASKU, Palautuskuitti, FAKTURA KORYGUJ\u0104CA, ZWROT TOWARU, Dobropis,
Vr\u00e1cen\u00ed zbo\u017e\u00ed, Opravn\u00fd da\u0148ov\u00fd doklad,
SZTORN\u00d3 SZ\u00c1MLA, Visszat\u00e9r\u00edt\u00e9s, VISSZ\u00c1RU, DEVOLU\u00c7\u00c3O,
Tal\u00e3o de devolu\u00e7\u00e3o, Factur\u0103 storno, Bon de retur, \u0130ADE FATURASI,
Para iadesi, Returk\u00f6p, Kredittnota, Retourfactuur, Devoluci\u00f3n de dinero,
Remboursement client,
Kreeditarve nr 4, Kred\u012btr\u0113\u0137ins, Kreditin\u0117 s\u0105skaita, Kreditreikningur,
Nota retur, Phi\u1ebfu tr\u1ea3 h\u00e0ng,
Tagastus, Preces atgrie\u0161ana, Preki\u0173 gr\u0105\u017einimas, Endurgrei\u00f0sla,
Pengembalian dana, Ho\u00e0n ti\u1ec1n,
Promet refundacija, Vra\u010dilo blaga
"""
NO_RECEIPTS = """
Proposal, Sales quote Q-118, DRAFT, STATEMENT OF ACCOUNT, Payment reminder, Rechnungsentwurf,
Angebot Nr. 4, Zahlungserinnerung, Proposition commerciale, RELANCE, Cotizaci\u00f3n,
Oferta comercial, Preventivo, Sollecito di pagamento, Prijsopgave, Aanmaning, Prisf\u00f6rslag,
P\u00e5minnelse, Pristilbud, Rykker, Purring, Kustannusarvio, Maksumuistutus, Wycena,
Wezwanie do zap\u0142aty, Cenov\u00e1 nab\u00eddka, Upom\u00ednka, \u00c1raj\u00e1nlat,
D\u00edjbek\u00e9r\u0151, Cota\u00e7\u00e3o, Deviz, Soma\u021bie de plat\u0103, Fiyat teklifi,
Taslak fatura, Zwischenbeleg, Vorl\u00e4ufige Rechnung, Ne vaut pas facture,
No v\u00e1lido como factura, Preconto, Geen kassabon, Tussenrekening, Ej giltigt som kvitto,
Ikke en kvittering, Forel\u00f8pig kvittering, Ei kuitti, Rachunek wst\u0119pny,
Nen\u00ed da\u0148ov\u00fd doklad, Nem ad\u00f3\u00fcgyi bizonylat,
Este documento n\u00e3o serve de fatura, Not\u0103 de plat\u0103, Mali de\u011feri yoktur,
Estimate only, Draft bill, Second notice, Unverbindliches Angebot, Zahlungsaufforderung,
Devis gratuit, Facture rectificative, Nota di variazione, Ennakkolasku,
Hinnapakkumine, Ettemaksuarve, Cenas pied\u0101v\u0101jums, Avansa r\u0113\u0137ins,
Pasi\u016blymas,
I\u0161ankstin\u0117 s\u0105skaita, Tilbo\u00f0, B\u00e1o gi\u00e1, H\u00f3a \u0111\u01a1n
t\u1ea1m t\u00ednh, Penawaran harga, Surat tagihan,
Ovo nije fiskalni ra\u010dun, Ekki kvittun, Nao e documento fiscal, Bukan resit
"""
VOIDS = """
TRANSACTION NOT COMPLETED, *** SAMPLE ***, Vorgang abgebrochen, Beleg storniert, \u00dcbungsbon,
Trainingsmodus, TRANSACTION ABANDONN\u00c9E, MODE \u00c9COLE, Operaci\u00f3n cancelada,
MODO FORMACI\u00d3N, OPERAZIONE NEGATA, Modalit\u00e0 addestramento, TRANSACTIE AFGEBROKEN,
Oefenbon, K\u00d6PET AVBRUTET, MEDGES EJ, \u00d6vningskvitto, Salg afbrudt, KJ\u00d8P AVBRUTT,
Treningskvittering, MYYNTI PERUUTETTU, Harjoituskuitti, TRANSAKCJA PRZERWANA, Tryb szkoleniowy,
PLATBA ZAM\u00cdTNUTA, SZTORN\u00d3, Sikertelen tranzakci\u00f3, Pagamento recusado,
Modo de treino, Tranzac\u021bie respins\u0103, Bon anulat, \u0130PTAL F\u0130\u015e\u0130,
E\u011fitim fi\u015fi, T\u00fchistatud, Anul\u0113ts \u010deks, Anuliuota, \u00d3gilt, Transaksi
gagal,
Giao d\u1ecbch th\u1ea5t b\u1ea1i, OBUKA, Pla\u010dilo zavrnjeno
"""


def listed(titles: str) -> list[str]:
    return [" ".join(title.split()) for title in titles.split(",")]


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*rows))


@pytest.mark.parametrize("title", listed(REFUNDS))
async def test_the_title_of_a_refund_counts_alone_and_beside_another_column(title: str) -> None:
    alone = await read("Harbour Deli Ltd", *HEAD, title, *TEA)
    beside = await read(f"Harbour Deli Ltd | {title}", *HEAD, *TEA)
    joined = await read(f"Harbour Deli Ltd {title}", *HEAD, *TEA)
    customer = await read("Harbour Deli Ltd", *HEAD, f"{title} | T. Solheim", *TEA)
    for fields in (alone, beside, joined, customer):
        assert (fields.total_cents, fields.doubts) == (-450, ())


@pytest.mark.parametrize("title", [*listed(NO_RECEIPTS), *listed(VOIDS)])
async def test_what_is_no_expense_is_a_doubt_alone_and_beside_another_column(title: str) -> None:
    alone = await read("Harbour Deli Ltd", *HEAD, title, *TEA)
    beside = await read(f"Harbour Deli Ltd | {title}", *HEAD, *TEA)
    below = await read("Harbour Deli Ltd", *HEAD, *TEA, title)
    for fields in (alone, beside, below):
        assert any("it may be" in doubt for doubt in fields.doubts)


@pytest.mark.parametrize(
    "rows",
    [
        ("Quote Q-118 of 2 March",),
        ("Devis n\u00b0 31 du 4 mai 2026",),
        ("Offerte d.d. 2 juni 2026",),
        ("Lieferschein 4711 | Auftragsbest\u00e4tigung 812",),
        ("Purchase order | PO-7741",),
    ],
)
async def test_an_invoice_may_refer_to_its_quote_and_order(rows: tuple[str, ...]) -> None:
    fields = await read("Harbour Deli Ltd | INVOICE 2026-17", *HEAD, *rows, *TEA)
    assert (fields.total_cents, fields.doubts) == (450, ())
    assert (await read("Harbour Deli Ltd", *HEAD, *rows, *TEA)).doubts


@pytest.mark.parametrize(
    "row",
    [
        "Pickup 14 March | Return 15 March",
        "Bitte Beleg aufbewahren, kein Umtausch ohne Bon",
        "Geen bon, geen garantie",
        "Personal Training GmbH",
        "Schulung",
        "Test",
        "Returns within 30 days",
        "No refunds | No returns",
        "Free cancellation",
        "TAX INVOICE / ADJUSTMENT NOTE",
        "STATEMENT",
    ],
)
async def test_words_of_titles_in_other_rows_change_nothing(row: str) -> None:
    fields = await read("Harbour Deli Ltd", *HEAD, row, *TEA)
    assert (fields.total_cents, fields.doubts) == (450, ())


async def test_a_slip_below_a_fiscal_receipt_takes_nothing_from_it() -> None:
    rows = ("Herbata | 4,50", "SUMA PLN | 4,50", "Karta | 4,50", "WYDRUK NIEFISKALNY")
    head = ("Herbaciarnia Sp. z o.o.", "Warszawa", "NIP 5260001246", "14.03.2026")
    assert (await read(*head, "PARAGON FISKALNY", *rows)).doubts == ()
    assert (await read(*head, *rows)).doubts


async def test_an_invoice_that_names_a_credit_note_is_no_refund_by_that() -> None:
    fields = await read("Harbour Deli Ltd | INVOICE 17", *HEAD, *TEA, "Credit note 118")
    assert (fields.total_cents, fields.doubts) == (450, ("money may have been refunded",))


async def test_two_receipts_side_by_side_are_a_doubt() -> None:
    twins = (
        "Ash Cafe | Elm Books",
        "Reno, NV 89501 | Reno, NV 89501",
        "10/14/2026 12:10 | 10/14/2026 12:48",
        "Soup | 9.50 | Novel | 18.00",
        "TOTAL | $9.50 | TOTAL | $18.00",
        "VISA | $9.50 | VISA | $18.00",
    )
    assert "there may be several receipts in it" in (await read(*twins)).doubts


async def test_tickets_side_by_side_with_the_same_total_are_a_doubt() -> None:
    twins = (
        "Lot 7 Parking | Lot 7 Parking",
        "Reno, NV 89501 | Reno, NV 89501",
        "10/14/2026 08:10 | 10/15/2026 08:48",
        "TOTAL | $12.00 | TOTAL | $12.00",
        "VISA | $12.00 | VISA | $12.00",
    )
    assert "there may be several receipts in it" in (await read(*twins)).doubts


async def test_receipts_side_by_side_in_other_words_and_rows_are_a_doubt() -> None:
    twins = (
        "Ash Cafe |  | ",
        "Reno, NV 89501 |  | Elm Books",
        "10/14/2026 12:10 |  | 14 Mill St, Reno",
        "Soup $9.50 |  | 10/14/2026 12:48",
        "TOTAL $9.50 |  | Novel $18.00",
        "VISA $9.50 |  | Amount due $18.00",
        "Thank you |  | VISA $18.00",
    )
    assert "there may be several receipts in it" in (await read(*twins)).doubts
