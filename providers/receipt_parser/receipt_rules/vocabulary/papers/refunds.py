"""Refunds: what the papers are called that give money back."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

REFUND_DOCUMENTS = Phrases(
    "credit note, credit notes, credit memo, credit memorandum, credit invoice, credit advice,"
    "credit slip, credit receipt, merchandise credit, store credit, refund confirmation,"
    "refund receipt, refund slip, refund voucher, sales credit",
    "Gutschrift*, Rechnungsgutschrift, Kundengutschrift, Warengutschrift, Rechnungskorrektur,"
    "Korrekturrechnung, Stornorechnung, Stornogutschrift, Rückerstattungsbeleg, Erstattungsbeleg,"
    "Rückzahlungsbeleg, Rückgabebeleg, Rückgabebon, Rücknahmebeleg, Retourenbeleg, Retourenbon,"
    "Storno Rechnung",
    "facture d avoir, facture avoir, note d avoir, bon d avoir, avoir client, avoir commercial,"
    "note de crédit, facture de crédit, ticket de remboursement, reçu de remboursement,"
    "bon de remboursement, confirmation de remboursement",
    "factura de abono, nota de abono, nota de crédito, nota crédito, factura rectificativa,"
    "factura de devolución, ticket de devolución, recibo de devolución, vale de devolución,"
    "comprobante de devolución, recibo de reembolso, justificante de devolución",
    "nota di credito, nota credito, nota di accredito, nota accredito, nota d accredito,"
    "scontrino di reso, scontrino reso, documento di reso, ricevuta di rimborso",
    "creditnota*, creditfactuur, creditbon, kreditnota*, retourfactuur, retourbon, retournota,"
    "retourbewijs, terugbetalingsbewijs, bewijs van terugbetaling, restitutiebon, retourontvangst",
    "kreditfaktura*, kreditkvitto, kredittnota*, kreditlapp, returköp, returfaktura, returkvitto,"
    "returnota, återköpskvitto, återbetalningskvitto",
    "returkvittering, refusionskvittering, refusjonskvittering, returbon, returbong,"
    "krediteringsnota, kreditkvittering, returnota",
    "hyvityslasku, hyvityskuitti, hyvitystosite, palautuskuitti, palautustosite",
    "faktura korygująca, faktura vat korygująca, faktura korekta, korekta faktury,"
    "nota kredytowa, korekta paragonu, dowód zwrotu, potwierdzenie zwrotu, paragon zwrotu,"
    "protokół zwrotu",
    "dobropis*, opravný daňový doklad, opravný doklad, opravná faktúra, opravná faktura, vratka",
    "jóváíró számla, jóváírás*, jóváíró*, sztornó számla, stornó számla, sztornó bizonylat,"
    "érvénytelenítő számla, visszáru bizonylat",
    "talão de devolução, comprovativo de devolução, recibo de devolução, nota de devolução,"
    "recibo de reembolso, comprovante de estorno",
    "notă de credit, notă de creditare, factură storno, storno factură, factură de stornare,"
    "bon retur, bon de retur, factură de retur",
    "iade fişi, iade faturasi, iade makbuzu, iade belgesi",
    "knjižno odobrenje, storno račun, nota kredit, promet refundacija, refundacija prometa,"
    "fiskalni račun refundacija, odobrenje kupcu, dobropis k računu",
    "kreeditarve, kredīta rēķins, kredītrēķins, kreditinė sąskaita, kreditinė sąskaita faktūra,"
    "kreditinė pvm sąskaita faktūra, kreditreikningur, kredit reikningur, nota kredit,"
    "nota kredit jualan, nota retur, faktur retur, hóa đơn điều chỉnh giảm, phiếu trả hàng,"
    "phiếu hoàn tiền, kreditno izvestie, pistotiko timologio, faturë krediti, faturë korrigjuese",
)
"""Names of documents: if one is said at all, money may have come back."""

REFUND_TITLES = Phrases(
    "refund, refunded, refunds, your refund, sales return, sales returns, merchandise return,"
    "cash return, customer return, card refund, cash refund, returned items, returned item,"
    "returned goods, goods returned, items returned, return receipt, return slip,"
    "return of goods, refund issued, refund transaction, refund sale, return transaction,"
    "reversal",
    "Retoure, Retouren, Rückgabe, Warenrückgabe, Warenrücknahme, Rücknahme, Rückerstattung,"
    "Erstattung, Rückzahlung, Rückvergütung, Rückbuchung, Warenretoure",
    "avoir, remboursement, remboursé, retour marchandise, retour marchandises,"
    "retour de marchandise, retour de marchandises, retour article, retour articles,"
    "retour client, retour produit, retour produits, retour d article, retour d articles,"
    "remboursement client, reprise marchandise, ticket retour, ticket de retour",
    "devolución, devoluciones, devolución de mercancía, devolución de compra, reembolso,"
    "reintegro, devolución de dinero, devolución de efectivo, devolución de productos,"
    "devolución de artículos",
    "reso merce, reso cliente, reso articoli, rimborso, restituzione merce, merce resa, resi",
    "retour artikelen, retour goederen, goederen retour, artikelen retour, retourneming,"
    "terugbetaling, terugbetaald, restitutie, teruggave, retournering",
    "återköp, återbetalning, återbetald, återbetalt, returnerad, returnerad vara,"
    "returnerade varor, varuretur",
    "returvare, returvarer, vareretur, varer i retur, varer retur, returnering, returneret,"
    "returnert, returnerte varer, returnerede varer, refusion, refusjon, refundering, refundert,"
    "refunderet, tilbagebetaling, tilbakebetaling, kreditering",
    "tuotepalautus, tavaranpalautus, palautetut tuotteet, rahanpalautus, maksunpalautus, hyvitys,"
    "palautus",
    "zwrot, zwroty, zwrot towaru, zwrot towarów, zwrot pieniędzy, zwrot gotówki, zwrot środków,"
    "zwrot sprzedaży",
    "vrácení zboží, vrácené zboží, vrácení peněz, vrácení, vrátenie tovaru, vrátenie peňazí,"
    "vrátenie, refundace",
    "visszáru, áruvisszavét, áru visszavét, áru visszavétel, visszavét, visszavétel,"
    "visszatérítés, pénzvisszatérítés, visszafizetés, visszáruzás",
    "devolução, devoluções, devolução de mercadoria, reembolso, estorno, artigos devolvidos",
    "retur marfă, restituire, rambursare, stornare, returnare",
    "iade, ürün iadesi, para iadesi, müşteri iadesi, mal iadesi, satiş iadesi",
    "povrat robe, povrat novca, vračilo, pemulangan, bayaran balik, pengembalian, refundacija,"
    "reklamacija povrat, vračilo blaga, vračilo kupnine",
    "tagastus, kauba tagastus, tagastustšekk, raha tagastus, atgriešana, preces atgriešana,"
    "atgrieztā prece, naudas atgriešana, grąžinimas, prekių grąžinimas, pinigų grąžinimas,"
    "prekės grąžinimas, endurgreiðsla, vöruskil, skilavara, pengembalian barang,"
    "pengembalian dana, retur penjualan, retur barang, trả hàng, hoàn tiền, hoàn trả, epistrofi,"
    "vrashtane, kthim malli, kthim i parave, rimbursim",
)
"""Titles that say it, alone in their row or column."""

WEAK_REFUND_TITLES = Phrases(
    "return, returns, retour, retur, reso, abono, accredito, korekta, povrat, retorno"
)
"""Words that a journey or a rental has, too: they count only if a row has nothing else."""
JOURNEYS = Phrases(
    "outbound, inbound, pickup, pick up, departure, departs, depart, arrival, flight, check out,"
    "checkout, rental, boarding, itinerary, one way, round trip, single, day return, outward,"
    "return journey, return ticket, return fare, off peak, open return, anytime, railcard, train,"
    "coach, ferry, sailing, passenger, passengers",
    "Hinfahrt, Abfahrt, Rückfahrt, Hinflug, Fahrkarte, Abholung, Mietbeginn",
    "aller, départ, trajet, billet, ida, vuelta, salida, andata, partenza, heenreis, vertrek,"
    "utresa, avgång, avgang, udrejse, menomatka, billett, billet, bilet, odjazd, odjezd, wyjazd",
)
"""Words of tickets and rentals, whose return is no refund."""
