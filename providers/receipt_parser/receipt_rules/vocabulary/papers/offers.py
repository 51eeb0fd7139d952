"""Offers, orders and reminders: papers with a total that nobody has been asked to pay by them."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

REFERENCES = Phrases(
    "quote, quotes, quotation, sales quote, price quote, price quotation, estimate,"
    "cost estimate, price estimate, repair estimate, job estimate, budget estimate,"
    "free estimate, estimate only, budget quote, price proposal, work order,"
    "order acknowledgment, proposal, sales proposal, project proposal, bid, order confirmation,"
    "order acknowledgement, sales order, purchase order, delivery note, delivery slip,"
    "despatch note, dispatch note, packing slip, packing list, goods received note",
    "Kostenvoranschlag, Voranschlag, Kostenschätzung, Angebot, Preisangebot, Offerte,"
    "Auftragsbestätigung, Bestellbestätigung, Lieferschein, Richtofferte,"
    "unverbindliches Angebot, freibleibendes Angebot",
    "devis, devis estimatif, devis gratuit, estimation, proposition commerciale,"
    "proposition de prix, offre de prix, offre commerciale, bon de commande,"
    "confirmation de commande, bon de livraison, bordereau de livraison, soumission",
    "presupuesto, cotización, oferta, oferta comercial, oferta económica, propuesta comercial,"
    "propuesta económica, propuesta, nota de pedido, confirmación de pedido, orden de compra,"
    "albarán, albarán de entrega, nota de entrega, remito, guía de remisión",
    "preventivo, preventivo di spesa, offerta, offerta commerciale, proposta commerciale,"
    "conferma d ordine, ordine di acquisto, documento di trasporto, ddt, bolla di consegna",
    "offerte, prijsopgave, prijsofferte, prijsindicatie, begroting, kostenraming,"
    "orderbevestiging, opdrachtbevestiging, bestelbevestiging, bestelbon, pakbon, leverbon,"
    "afleverbon, leveringsbon, vrachtbrief",
    "offert, anbud, prisförslag, prisuppgift, kostnadsförslag, kostnadsberäkning,"
    "orderbekräftelse, följesedel, plocksedel, packsedel",
    "tilbud, pristilbud, overslag, prisoverslag, prisforslag, kostnadsoverslag, ordrebekræftelse,"
    "ordrebekreftelse, rekvisition, følgeseddel, pakkeseddel, pakkseddel",
    "tarjous, hinta-arvio, kustannusarvio, tilausvahvistus, lähete, lähetyslista,toimitusvahvistus",
    "oferta, oferta cenowa, oferta handlowa, wycena, kosztorys, potwierdzenie zamówienia,"
    "dokument wz, wydanie zewnętrzne, list przewozowy",
    "nabídka, cenová nabídka, cenový návrh, cenová kalkulace, potvrzení objednávky, dodací list,"
    "ponuka, cenová ponuka, potvrdenie objednávky",
    "árajánlat, ajánlat, költségbecslés, rendelés visszaigazolás, visszaigazolás, szállítólevél",
    "orçamento, proposta, proposta comercial, cotação, nota de encomenda, ordem de compra,"
    "confirmação de encomenda, guia de remessa, guia de transporte, nota de entrega",
    "ofertă, ofertă de preț, ofertă comercială, deviz, deviz estimativ, confirmare comandă,"
    "aviz de însoțire",
    "teklif, fiyat teklifi, teklif formu, sipariş onayi, sipariş formu, sevk irsaliyesi, irsaliye",
    "ponuda, ponudba, otpremnica, dobavnica, sebut harga, penawaran, penawaran harga,"
    "surat jalan, predračun ponuda, potvrda narudžbe, potvrditev naročila",
    "pakkumine, hinnapakkumine, saateleht, tellimuse kinnitus, piedāvājums, cenas piedāvājums,"
    "pavadzīme piedāvājums, pasūtījuma apstiprinājums, pasiūlymas, kainos pasiūlymas,"
    "komercinis pasiūlymas, užsakymo patvirtinimas, tilboð, verðtilboð, pöntunarstaðfesting,"
    "báo giá, bảng báo giá, xác nhận đơn hàng, phiếu giao hàng, prosfora, oferta cenova, ofertë,"
    "nukuu ya bei, kwotasie, prysopgawe",
)
"""What an invoice may refer to: below its own title they say nothing."""

NO_INVOICES = Phrases(
    "pro forma, draft, draft invoice, invoice draft, draft bill, draft receipt,"
    "statement of account, second notice, third notice, last notice, overdue reminder,"
    "corrected invoice, correction invoice, advice of payment, booking request,"
    "account statement, customer statement, monthly statement, reminder, payment reminder,"
    "invoice reminder, second reminder, final reminder, friendly reminder, final notice,"
    "overdue notice, past due notice, collection notice, remittance advice, gift receipt",
    "Mahnung, letzte Mahnung, Mahnbescheid, Zahlungserinnerung, Vorabrechnung, Rechnungsentwurf,"
    "Entwurf, Proformarechnung, Kontoauszug, Saldenmitteilung, Leergutbon, Pfandbon,"
    "Pfandrückgabe, Inkasso, Zahlungsaufforderung, Interimsrechnung, berichtigte Rechnung,"
    "Rechnungsberichtigung",
    "projet de facture, brouillon, relance, lettre de relance, rappel de paiement,"
    "dernier rappel, mise en demeure, relevé de compte, rappel, rappel de facture,"
    "facture rectificative, situation de compte, premier rappel, deuxième rappel",
    "borrador, borrador de factura, recordatorio, recordatorio de pago, reclamación de pago,"
    "requerimiento de pago, estado de cuenta, extracto de cuenta, aviso de cobro, aviso de deuda,"
    "ticket no válido, recibo no válido",
    "bozza, bozza fattura, bozza di fattura, sollecito, sollecito di pagamento, primo sollecito,"
    "secondo sollecito, estratto conto, nota di variazione, avviso di pagamento",
    "concept, conceptfactuur, proformafactuur, aanmaning, herinnering, betalingsherinnering,"
    "eerste herinnering, tweede herinnering, laatste herinnering, ingebrekestelling,"
    "rekeningoverzicht, rekeningafschrift",
    "utkast, fakturautkast, proformafaktura, påminnelse, betalningspåminnelse, inkassokrav,"
    "kravbrev, kontoutdrag",
    "kladde, fakturakladde, udkast, rykker, rykkerskrivelse, rykkerbrev, betalingspåmindelse,"
    "påmindelse, kontoudtog, purring, betalingspåminnelse, purrevarsel, inkassovarsel,"
    "betalingsoppfordring, kontoutskrift",
    "luonnos, laskuluonnos, ennakkolasku, oikaisulasku, proformalasku, maksumuistutus,"
    "maksukehotus, muistutus, perintäkirje, tiliote",
    "wersja robocza, projekt faktury, upomnienie, przypomnienie, przypomnienie o płatności,"
    "wezwanie do zapłaty, ponaglenie, monit, wyciąg z konta, faktura proforma",
    "koncept, návrh faktury, zálohová faktura, zálohová faktúra, predfaktúra, upomínka,"
    "upomienka, výzva k úhradě, výpis z účtu",
    "piszkozat, tervezet, helyesbítő számla, díjbekérő, proforma számla, előlegszámla,"
    "fizetési felszólítás, felszólítás, fizetési emlékeztető, emlékeztető, számlakivonat,"
    "előlegbekérő",
    "rascunho, lembrete, lembrete de pagamento, aviso de pagamento, aviso de cobrança,"
    "extrato de conta",
    "ciornă, somație, somație de plată, notificare de plată, extras de cont, factură proformă",
    "taslak, taslak fatura, proforma fatura, ödeme hatirlatma, hatirlatma, ihtarname,"
    "hesap ekstresi, cari hesap ekstresi",
    "predračun, opomena, opomin, profaktura, avansni račun",
    "ettemaksuarve, meeldetuletus, maksemeeldetuletus, avansa rēķins, priekšapmaksas rēķins,"
    "proforma rēķins, atgādinājums, išankstinė sąskaita, išankstinė sąskaita faktūra,"
    "priminimas, áminning, greiðsluáminning, innheimtuviðvörun, proforma reikningur,"
    "faktur proforma, surat tagihan, surat peringatan, hóa đơn chiếu lệ, giấy nhắc nợ,"
    "faturë proformë, protimologio, napomnyane",
)
"""What is no invoice whatever else is printed, if a row or a column has it as its title."""
