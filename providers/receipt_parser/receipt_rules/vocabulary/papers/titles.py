"""Titles: the words that stand beside the name of a paper, and the titles of ordinary ones."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

INVOICES = Phrases(
    "invoice, tax invoice, vat invoice, sales invoice, commercial invoice, customer invoice,"
    "final invoice, Rechnung, Schlussrechnung, Rechnungsnr, Rechnungsnummer, facture,"
    "facture vat, factura, factura simplificada, fattura, factuur, faktura, faktura vat, fatura,"
    "fatura recibo, lasku, számla, factură fiscală, arve, račun"
)
"""Titles of papers that may refer to others below them."""

TITLE_WORDS = Phrases(
    "slip, receipt, no, nr, number, num, nummer, date, dated, copy, transaction, trans, txn,"
    "type, invoice, sale, sales, for, to, original, tax, vat, merchandise, ref, reference, of,"
    "goods, ticket, payment, your, our, customer, cash, card, purchase, electronic, duplicate,"
    "reprint, this is, a, the, issued, approved, complete, completed, confirmation, visa,"
    "mastercard, id, debit, credit, from, and, document, note, page, eftpos, eft, pos, contactless,"
    "subject, re, order, purchase, betreff, objet, asunto, oggetto, onderwerp, ämne, emne, aihe,"
    "temat, předmět, predmet, tárgy, assunto, subiect, konu",
    "Bon, Beleg, Rechnung, zur, zu, zum, vom, von, Datum, Kopie, Kunde, Kunden, Nummer, Ihre,"
    "Art, Belegart, für, Seite, Typ, Ihr, Unser, Unsere",
    "facture, reçu, n, no, num, de, du, des, d, vente, sur, pour, date, client, copie, la, le,"
    "les, votre, notre, opération, type, page, en date du, caisse",
    "factura, recibo, ticket, tique, de, del, la, el, núm, número, nº, fecha, cliente, copia, a,"
    "electrónica, venta, tipo, operación, comprobante, su, simplificada",
    "fattura, ricevuta, scontrino, documento commerciale, documento, commerciale, emesso, per,"
    "di, del, della, n, num, numero, data, cliente, copia, elettronica, operazione, tipo, su,"
    "merce",
    "factuur, nota, bon, kassabon, nummer, datum, voor, van, klant, kopie, op, d d, bij",
    "faktura, kvitto, nummer, datum, kund, kopia, till, för, av, avseende, nota",
    "kvittering, bong, dato, kunde, kopi, til, på, vedr, vedrørende, ordre, af",
    "lasku, kuitti, tosite, nro, numero, päivä, pvm, asiakas, kopio, tapahtuma",
    "faktura, faktury, paragon, paragonu, vat, do, z, dnia, nr, numer, data, klient, kopia,"
    "oryginał, rodzaj, typ",
    "faktura, faktury, faktúra, faktúry, účtenka, doklad, č, číslo, k, ze, zo, dne, dňa, datum,"
    "dátum, kopie, kópia, zákazník, ke",
    "számla, nyugta, bizonylat, szám, száma, sorszám, kelt, dátum, másolat, vevő, eredeti",
    "fatura, recibo, talão, n, num, número, data, cliente, cópia, segunda via, original, sobre",
    "factură, factura, bon, nr, număr, din, data, client, copie, seria",
    "fiş, fişi, fatura, faturasi, no, numara, tarih, tarihi, müşteri, kopya, belge, sira",
    "arve, arvele, kuupäev, kviitung, rēķins, rēķinam, datums, čeks, sąskaita, sąskaitai, faktūra,"
    "pvm, data, kvitas, račun, račun br, broj, br, št, datum, kopija, reikningur, dags,"
    "hóa đơn, số, ngày, phiếu, nomor, tanggal, tgl, struk",
)
"""Words beside the name of a paper that leave it the title."""
