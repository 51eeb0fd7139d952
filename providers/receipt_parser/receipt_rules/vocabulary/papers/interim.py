"""Interim bills: what says of itself that it is no receipt."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

NO_RECEIPTS = Phrases(
    "pro forma, not a receipt, not a bill, not an invoice, not a check, not a tax, not a fiscal,"
    "not a vat, not a valid, not an official, not valid as, not valid for tax,"
    "not a sales receipt, not a payment receipt, invalid as, not proof of purchase,"
    "not proof of payment, not a proof, interim bill, interim invoice, interim check,"
    "interim receipt, preliminary bill, preliminary invoice, preliminary check,"
    "preliminary receipt, provisional bill, provisional invoice, provisional check,"
    "provisional receipt, temporary bill, temporary receipt, pre bill, pre check, pre invoice,"
    "pre receipt, unpaid bill, bill not paid",
    "Zwischenrechnung, Zwischenbeleg, Zwischenbon, Zwischenabrechnung, vorläufige* Rechnung,"
    "vorläufige* Beleg, vorläufige* Bon, keine Rechnung, kein Beleg, keine Quittung,"
    "kein Kassenbeleg, kein Zahlungsbeleg, kein Kassenbon, kein Bon, kein Kaufbeleg,"
    "keine gültige Rechnung, kein gültiger Beleg, kein Steuerbeleg, kein Fiskalbeleg,"
    "nicht als Rechnung, nicht als Beleg, nicht als Quittung, gilt nicht als",
    "ne vaut pas, ne tient pas lieu, ne constitue pas, n est pas une facture, n est pas un reçu,"
    "n est pas un ticket, pas un justificatif, non valable comme, sans valeur fiscale,"
    "sans valeur comptable, document non fiscal, document provisoire, note d addition,"
    "addition provisoire, note provisoire, facture provisoire, ticket provisoire,"
    "reçu provisoire, note intermédiaire, addition intermédiaire, ne pas payer, ne pas valoir",
    "no válido como, no válida como, no vale como, no es una factura, no es factura,"
    "no es un recibo, no es un ticket, sin validez fiscal, sin valor fiscal, no fiscal,"
    "cuenta provisional, nota provisional, ticket provisional, precuenta, pre cuenta, prefactura,"
    "consulta de mesa",
    "preconto, pre conto, non fiscale, senza valore fiscale, non valido ai fini, non valido come,"
    "non valida come, conto provvisorio, scontrino provvisorio, documento provvisorio,"
    "documento gestionale, non è una fattura, non è uno scontrino",
    "geen bon, geen kassabon, geen geldige bon, geen geldig, geen betaalbewijs, geen factuur,"
    "geen aankoopbewijs, geen kasticket, geen bewijs, tussenrekening, tussenbon,"
    "tussentijdse rekening, voorlopige rekening, voorlopige bon, voorlopige factuur,"
    "niet geldig als",
    "ej kvitto, inte ett kvitto, inte kvitto, inget kvitto, ej giltigt kvitto, ej giltigt som,"
    "gäller ej som, gäller inte som, ej faktura, ingen faktura, icke kvitto, preliminär nota,"
    "preliminärnota, preliminär räkning, mellannota, förhandsnota",
    "ikke en kvittering, ikke kvittering, ingen kvittering, ej kvittering, ikke en faktura,"
    "ikke faktura, ikke gyldig, gælder ikke som, gjelder ikke som, ikke en bon, ej bon,"
    "ikke salgskvittering, foreløbig regning, foreløbig nota, foreløbig bon, foreløpig regning,"
    "foreløpig kvittering, foreløpig nota, mellemregning, mellomregning, proformakvittering,"
    "ugyldig som",
    "ei kuitti, ei ole kuitti, ei kelpaa kuitiksi, ei käy kuitista, ei kuittina, ei ole lasku,"
    "ei lasku, ei maksutosite, välilasku, alustava lasku, ei ole maksukuitti",
    "niefiskaln*, nie jest paragonem, nie jest fakturą, nie jest paragon, nie stanowi dowodu,"
    "rachunek wstępny, rachunek próbny, rachunek tymczasowy, rachunek kelnerski",
    "není daňový doklad, není daňovým dokladem, není účtenka, není doklad, neslouží jako,"
    "nedaňový doklad, předběžný účet, předúčet, průběžný účet, nefiskální, nie je daňový doklad,"
    "nie je doklad, neslúži ako, predbežný účet, nefiškálny",
    "nem adóügyi, nem számla, nem nyugta, nem minősül, nem bizonylat, előzetes számla, előszámla,"
    "köztes számla, nem adóigazgatási",
    "não serve de, não serve como, não é fatura, não é um recibo, não é recibo,"
    "não é documento fiscal, não válido como, sem valor fiscal, sem validade fiscal,"
    "documento não fiscal, não fiscal, conta provisória, pré conta, conferência de mesa",
    "nu este bon, nu este factură, nu ține loc, notă de plată, nefiscal, bon nefiscal,"
    "document nefiscal",
    "mali değeri yoktur, mali değeri yok, fiş değildir, fatura değildir, fatura yerine geçmez,"
    "fiş yerine geçmez, ön hesap, geçici hesap, hesap pusulasi, belge değildir",
    "nije fiskalni račun, ni račun, nije račun, ovo nije, ni davčni račun, informativni račun,"
    "pred račun",
    "ei ole arve, ei ole ostutšekk, eelarve, vahearve, nav čeks, nav rēķins, priekšrēķins,"
    "starprēķins, nėra čekis, nėra kvitas, išankstinis čekis, preliminari sąskaita,"
    "ekki kvittun, ekki reikningur, hóa đơn tạm tính, phiếu tạm tính, tạm tính bill, bill tạm,"
    "bukan struk, bukan bukti pembayaran, bukan resit, bill sementara, tagihan sementara,"
    "den apotelei, mi nomimo, nuk eshte fature, sio risiti, não é documento fiscal,"
    "nao e documento fiscal, no es comprobante fiscal, documento no válido como factura,"
    "documento no fiscal, ticket de comanda",
)
"""Phrases that count wherever a short row has them."""

FISCAL_RECEIPTS = Phrases("paragon fiskalny")
"""Titles of receipts below which tills also print parts that are no receipt, such as a slip."""
