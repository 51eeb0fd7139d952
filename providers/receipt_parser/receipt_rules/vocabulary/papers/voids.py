"""Voids: what was cancelled, declined or only an exercise, although it has a total."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

VOID_STATES = Phrases(
    "void, voided, cancelled, canceled, cancellation, aborted, training, training mode, sample,"
    "specimen, demo mode, test mode, practice mode, practise mode, not completed, not approved,"
    "not charged, not authorised, not authorized, not successful, not processed, not accepted,"
    "not finalised, not finalized",
    "storno, storniert*, stornierung, stornobeleg, stornobon, abgebrochen*, abbruch, abgelehnt*,"
    "annulliert*, nicht erfolgt, nicht erfolgreich, nicht autorisiert, nicht genehmigt,"
    "nicht abgeschlossen, nicht durchgeführt, fehlgeschlagen, trainingsmodus, trainingsbon,"
    "trainingsbeleg, Übung, Übungsbon, Übungsbeleg, Übungsmodus, Schulungsmodus, Schulungsbon,"
    "Schulungsbeleg, Muster, Musterbeleg, Musterrechnung, Testbeleg, Testbon, Probebon, Demobon,"
    "Testmodus, Testdruck, Probedruck",
    "annulé*, annulation, abandonné*, refusé*, non abouti*, non autorisé*, interrompu*, échoué*,"
    "non validé*, non effectué*, mode école, mode formation, mode entraînement, mode test,"
    "mode démo, ticket école, ticket test, rejeté*",
    "anulad*, anulación, cancelad*, rechazad*, denegad*, no autorizad*, no completad*,"
    "no aprobad*, no realizad*, fallid*, interrumpid*, abortad*, abandonad*, modo formación,"
    "modo entrenamiento, modo práctica, modo prácticas, modo prueba, modo de prueba, modo demo,"
    "ticket de prueba, modo de formación, modo de entrenamiento",
    "annullat*, annullamento, annullo, stornat*, rifiutat*, negata, negato, respint*,"
    "non autorizzat*, non completat*, non riuscit*, non andata a buon fine, abbandonat*,"
    "interrott*, fallit*, modo training, modalità formazione, modalità addestramento,"
    "modalità demo, modalità test, modalità training, addestramento, fac simile,"
    "scontrino di prova, modo addestramento",
    "geannuleerd*, annulering, geweigerd*, afgekeurd*, afgebroken, afgewezen, mislukt*,"
    "niet voltooid, niet geslaagd, niet gelukt, niet goedgekeurd, niet afgerond, niet gelukt,"
    "gestorneerd, oefenmodus, oefenbon, oefening, proefbon, leermodus, trainingsmodus",
    "makulera*, avbrut*, avbröts, avbeställ*, nekad*, nekat, medges ej, ej medgett, ej medgiven,"
    "ej medges, medgavs ej, ej godkänd*, ej genomförd*, ej godkänt, ej genomfört, inte godkänd*,"
    "inte genomförd*, misslyckad*, misslyckats, stornera*, övning, övningskvitto, övningsläge,"
    "övningsköp, träningsläge, utbildningsläge, skolningsläge, testkvitto, testköp",
    "annuller*, afbrudt, afvist, mislykke*, ikke godkendt, ikke gennemført, ikke gjennomført,"
    "ikke godkjent, ikke fullført, makulert, makuleret, kansellert, avbrutt, avvist, avslått,"
    "øvelse, øvelsesbon, øvebon, øvingsmodus, øvemodus, øvelsesmodus, træningsmodus,"
    "træningstilstand, træning, treningsmodus, treningskvittering, opplæringsmodus,"
    "testkvittering, testbon, skolemodus, prøvebon",
    "peruutet*, peruttu, peruutus, mitätöi*, hylät*, keskeyte*, keskeytyi, epäonnistu*,"
    "ei hyväksytty, ei hyväksytä, harjoituskuitti, harjoitustila, harjoittelutila, koulutustila,"
    "koulutuskuitti, testikuitti, mallikuitti, harjoitus",
    "anulowan*, anulacja, odrzucon*, odmowa, odmówion*, przerwan*, nieudan*, niezakończon*,"
    "niezrealizowan*, nieważn*, stornowan*, wycofan*, nie powiodła się, nie zaakceptowan*,"
    "tryb szkoleniowy, tryb treningowy, tryb testowy, szkoleniow*, treningow*, paragon testowy,"
    "wydruk próbny",
    "stornován*, zrušen*, zamítnut*, odmítnut*, přerušen*, neúspěšn*, nedokončen*, neproveden*,"
    "neschválen*, neautorizován*, neplatn*, zamietnut*, odmietnut*, prerušen*, nepodařil*,"
    "školní režim, školicí režim, tréninkový režim, cvičný režim, cvičný doklad, zkušební doklad,"
    "cvičná účtenka, školský režim, skúšobný doklad",
    "sztorn*, stornó, érvénytelen*, elutasít*, megszakít*, megszakadt, meghiúsult, sikertelen*,"
    "visszavon*, törölve, gyakorló*, oktató mód, oktatási mód, tanuló mód, próbanyugta,"
    "gyakorlás, teszt nyugta, mintanyugta",
    "recusad*, rejeitad*, não autorizad*, não concluíd*, não aprovad*, não efetuad*, falhou,"
    "falhad*, interrompid*, cancelamento, modo formação, modo treino, modo de treino,"
    "modo treinamento, modo de formação, modo teste, modo demonstração, negada",
    "anulat*, anulare, respins*, refuzat*, întrerupt*, eșuat*, nefinalizat*, neaprobat*,"
    "stornat*, mod instruire, mod training, mod test, bon de test, bon de probă",
    "iptal*, reddedildi, başarisiz, tamamlanmadi, tamamlanamadi, onaylanmadi, geçersiz,"
    "yarim kaldi, eğitim modu, eğitim fişi, deneme fişi, test fişi, örnek fiş",
    "dibatalkan, batal, ditolak, poništen*, storniran*, neuspješn*, odbijen*, zavrnjen*,"
    "neuspešn*, preklican*, neuspel*, obuka, obuka kasira",
    "tühistatud, katkestatud, keeldutud, ebaõnnestu*, koolitusrežiim, õpperežiim, anulēt*,"
    "atcelt*, noraidīt*, neizdev*, mācību režīms, anuliuot*, atšaukt*, atmest*, nepavyk*,"
    "mokymo režimas, ógilt, ógildur, hafnað, synjað, æfing, þjálfun, gagal, transaksi gagal,"
    "mode latihan, đã hủy, hủy bỏ, bị từ chối, không thành công, giao dịch thất bại,"
    "chế độ đào tạo, akyro, akyrothike, anulirano, otkazano, anuluar, refuzuar, imeghairiwa,"
    "imekataliwa, gekanselleer*, afgekeur*",
)
"""States that count alone, or with words of ``SUBJECTS``."""

VOID_STATES_OF_SOMETHING = Phrases(
    "failed, rejected, refused, invalid, incomplete, unsuccessful, reversed, terminated,"
    "timed out, test, demo, practice, dummy, cancel, fehler, ungültig*, training*, Schulung*,"
    "test*, formation, formación, entrenamiento, prueba, muestra, exemple, essai, échec, rejet,"
    "denegación, rechazo, prova, esempio, campione, formazione, voorbeeld, training, ongeldig*,"
    "vervallen, exempel, prov, ogiltig*, ugyldig*, eksempel, opplæring*, undervisning, malli,"
    "esimerkki, koulutus, szkolenie, wzór, test, vzor, vzorek, školení, minta, próba, oktatás,"
    "amostra, exemplo, treino, treinamento, formação, mostră, probă, exemplu, instruire, örnek,"
    "deneme, eğitim, gagal"
)
"""States that articles and courses have, too: they count with a word of ``SUBJECTS``."""

SUBJECTS = Phrases(
    "transaction*, trans, txn, sale, receipt, ticket, order, bill, payment, purchase, card,"
    "check, invoice, mode, copy, refund, print, charge, authorisation, authorization, tender",
    "Vorgang, Beleg, Bon, Zahlung, Kartenzahlung, Kauf, Buchung, Transaktion, Karte, Kassenbon,"
    "Rechnung, Auftrag, Modus, Verkauf, Bestellung, Quittung, Belegart",
    "vente, paiement, opération, achat, commande, carte, facture, reçu, mode, encaissement",
    "venta, operación, transacción, compra, pago, recibo, factura, tarjeta, pedido, tique, modo,"
    "comprobante, cobro, tiquet",
    "operazione, scontrino, transazione, vendita, pagamento, acquisto, ricevuta, fattura,"
    "documento commerciale, documento, carta, modalità, modo, emesso",
    "transactie, betaling, verkoop, kassabon, aankoop, bestelling, factuur, pas, kaart, modus,pin",
    "köp, köpet, kvitto, betalning, betalningen, försäljning, kort, faktura, nota, läge, köpet",
    "salg, salget, køb, købet, kjøp, kjøpet, betalingen, transaksjon, transaksjonen, kvittering,"
    "bong, ordre, bestilling, transaktionen, tilstand, regning",
    "myynti, maksu, maksutapahtuma, tapahtuma, kuitti, osto, kortti, lasku, tilaus, tosite, tila",
    "transakcja, paragon, sprzedaż, płatność, zakup, rachunek, karta, operacja, zamówienie, tryb",
    "platba, transakce, účtenka, prodej, doklad, nákup, karta, objednávka, režim, transakcia,"
    "predaj, bloček, operace",
    "fizetés, tranzakció, nyugta, bizonylat, vásárlás, eladás, kártya, számla, mód, rendelés",
    "venda, pagamento, transação, compra, talão, recibo, fatura, cartão, operação, cupom, cupão,"
    "modo, encomenda",
    "tranzacție, tranzacția, plată, plata, vânzare, comandă, comanda, chitanță, mod, bonul",
    "fiş, fişi, işlem, satiş, satişi, ödeme, belge, fatura, kart, sipariş, modu, transaksi",
    "tehing, makse, ost, arve, tšekk, kviitung, darījums, maksājums, čeks, rēķins, pirkums,"
    "operacija, mokėjimas, čekis, kvitas, sąskaita, pirkimas, plačilo, račun, plaćanje,"
    "viðskipti, greiðsla, kvittun,"
    "giao dịch, hóa đơn, thanh toán, pembayaran, struk, faktur",
)
"""What may be void."""

AROUND_STATES = Phrases(
    "was, is, has been, been, the, this, no value, ohne Wert, sans valeur, sin valor,"
    "senza valore, by, customer, cashier, bank, issuer, host, status, result, type, only, post,"
    "no, nr, not, entire, user, operator, wurde, ist, durch, Kunde, Kunden, gesamter, la, le, el,"
    "il, de, di, del, della, par, por, per, client, cliente, est, été, a, ha, sido, door, klant,"
    "is, är, av, af, kund, kunde, kunden, blev, ble, er, har, on, została, został, zostało, byla,"
    "byl, bylo, přez, por, foi, o, os, fost, a fost, edildi, edilmiştir, olundu, estado, estatus,"
    "fiscal, debit, credit, visa, mastercard, emv,"
    "your, our, we, you, have, Ihre, deine, dein, Ihr, wir, haben, votre, vos, nous, avons, su, tu,"
    "hemos, tuo, suo, abbiamo, uw, wij, hebben, din, ditt, vi, har, twoje, Twoja, vaše, Vaši"
)
"""Words that say nothing by themselves."""

VOID_ANYWHERE = Phrases(
    "order cancelled, order canceled, cancelled order, canceled order, cancelled your order,"
    "canceled your order, not been charged, not been billed, no payment was taken,"
    "no payment has been taken, Bestellung storniert, Bestellung wurde storniert,"
    "nicht belastet, commande annulée, commande a été annulée, pedido cancelado,"
    "ordine annullato, bestelling geannuleerd,"
    "declined, void transaction, void sale, void receipt, void ticket, voided transaction,"
    "cancelled transaction, cancelled sale, cancelled receipt, canceled transaction,"
    "canceled sale, not charge, not charged, not approved, not authorised, not authorized,"
    "training mode, transaction not completed, sale not completed, payment not completed,"
    "transaction was not completed, Zahlung abgelehnt, Zahlung nicht erfolgt, Zahlung abgebrochen"
)
"""Phrases that count wherever a short row has them."""
