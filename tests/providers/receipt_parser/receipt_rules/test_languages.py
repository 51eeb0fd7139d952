# ruff: noqa: RUF001
"""Everyday receipts in the languages of the world; all receipts are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, role_of
from tests.support.printed_receipts import printed


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*rows))


RECEIPTS = {
    "Serbian, with a total of taxes": (
        "Pekara Zrno;PIB 107448210;Burek 2 x 480,00 | 960,00;Jogurt | 1.380,00;"
        "Ukupan iznos: | 2.340,00;Platna kartica: | 2.340,00;"
        "Ukupan iznos poreza: | 390,00",
        234000,
        "RSD",
    ),
    "Macedonian": (
        "Ресторан Пелистер;ЕДБ МК4002999123456;Пиво | 180,00;Гравче | 380,00;"
        "ВКУПЕН ПРОМЕТ | 560,00;ВО ГОТОВО | 1000,00;ЗА ВРАЌАЊЕ | 440,00",
        56000,
        "MKD",
    ),
    "Greek in Latin letters": (
        "TAVERNA GIORGOS;AFM 123456789;SALATA | 8,20;MOUSAKAS | 28,00;"
        "SYNOLO | 36,20;METRHTA | 40,00;RESTA | 3,80",
        3620,
        "EUR",
    ),
    "Indonesian, without decimals": (
        "Kopi Kenangan;Jakarta;Kopi | 60.000;PB1 10% | 6.000;Total Bayar | 66.000;QRIS | 66.000",
        6600000,
        "IDR",
    ),
    "Vietnamese": (
        "Quán Phở;TP.HCM, Vietnam;Phở | 75.000;Gỏi cuốn | 60.000;"
        "Tổng cộng | 135.000;Tiền khách đưa | 200.000;Tiền thừa | 65.000",
        135000,
        "VND",
    ),
    "Vietnamese, with the letter of the dong": (
        "Cà phê;Hà Nội;Sữa | 58.000đ;Bánh | 30.000đ;Thanh toán | 88.000đ;MoMo | 88.000đ",
        88000,
        "VND",
    ),
    "Thai": (
        "ร้านอาหาร;TAX INVOICE (ABB);ข้าวผัด | 80.00;น้ำ | 40.00;"
        "รวมทั้งสิ้น | 120.00;เงินสด | 200.00;เงินทอน | 80.00",
        12000,
        "THB",
    ),
    "Arabic, with its own digits": (
        "مطعم البيت;VAT No 300123456700003;كبسة | ٤٠٫٠٠;الضريبة ١٥٪ | ٦٫٠٠;"
        "الإجمالي | ٤٦٫٠٠;مدى | ٤٦٫٠٠",
        4600,
        "SAR",
    ),
    "Hebrew": (
        'קפה נמרוד;תל אביב;קפה | 18.00;ארוחה | 60.00;סה"כ לתשלום | 78.00;אשראי | 78.00',
        7800,
        "ILS",
    ),
    "Icelandic": (
        "Kaffi Loki ehf;Súpa | 2.490;Kaffi | 1.490;Til greiðslu | 3.980;"
        "Greiðslukort | 3.980;VSK 11% | 394",
        3980,
        "ISK",
    ),
    "Dutch": (
        "Slagerij Jansen;BTW NL123456789B01;Rookworst | 7,35;Biefstuk | 10,50;"
        "Totaalbedrag | € 17,85;Pinbetaling | € 17,85",
        1785,
        "EUR",
    ),
    "West African, with blanks before thousands": (
        "Maquis Chez Tantie;Abidjan Cocody;Attiéké | 7 500;Boisson | 5 000;"
        "TOTAL F CFA | 12 500;ESPECES | 15 000;RENDU | 2 500",
        12500,
        "XOF",
    ),
    "Slovak": (
        "Koliba;IČ DPH SK2020123456;Halušky | 12,60;Na úhradu | 12,60 €;Platobná karta | 12,60",
        1260,
        "EUR",
    ),
    "Nigerian, by its city": (
        "Mama Put Ltd;Surulere, Lagos;Jollof Rice | 4,500.00;Malt | 2,950.00;"
        "AMOUNT PAYABLE | 7,450.00;POS | 7,450.00",
        745000,
        "NGN",
    ),
    "Chinese, after a discount": (
        "老王面馆;北京市;牛肉面 | 50.00;优惠 | -5.00;实付 | 45.00;支付宝 | 45.00",
        4500,
        "CNY",
    ),
    "Taiwanese, without thousands": (
        "好食堂;台北市信義區;牛肉麵 | 180;紅茶 | 60;總計 | 240;悠遊卡 | 240",
        24000,
        "TWD",
    ),
    "Japanese, without kana": (
        "寿司善;東京都中央区;寿司 | 1,000;味噌汁 | 500;合計 | 1,500;現金 | 2,000;釣銭 | 500",
        1500,
        "JPY",
    ),
    "Serbian, in Cyrillic": (
        "Пекара Дуња;ПИБ 107448210;Кифла | 140,00;Јогурт | 200,00;"
        "Укупан износ: | 340,00;Готовина: | 500,00;Повраћај: | 160,00",
        34000,
        "RSD",
    ),
    "Colombian, with an apostrophe before millions": (
        "Muebles Andinos;NIT 900.222.333-1;Sofá | $1'250.000;TOTAL | $1'250.000;"
        "Tarjeta | $1'250.000",
        125000000,
        "COP",
    ),
    "Costa Rican, without decimals": (
        "Soda Tica;San José;Casado | ₡5.450;Batido | ₡3.000;TOTAL | ₡8.450;SINPE Móvil | ₡8.450",
        845000,
        "CRC",
    ),
    "Indian, with lakhs and a dash": (
        "Nilgiri;GSTIN 33AAACN1234F1Z5;Teak bed | 1,25,000/-;"
        "Total Rs. | 1,25,000/-;UPI | 1,25,000/-",
        12500000,
        "INR",
    ),
}
"""By language: rows with a semicolon between them, the total in minor units, the currency."""


@pytest.mark.parametrize("name", RECEIPTS)
async def test_an_everyday_receipt_is_read_without_a_doubt_about_its_money(name: str) -> None:
    text, cents, currency = RECEIPTS[name]
    head, *rows = text.split(";")
    fields = await read(head, "18/03/2026 12:30", *rows)
    assert (fields.total_cents, fields.currency) == (cents, currency)
    assert not [doubt for doubt in fields.doubts if "merchant" not in doubt]


LABELS = {
    Role.GRAND_TOTAL: (
        "Ukupan iznos RSD;Za platiti;Celkov\u00e1 \u010d\u00e1stka;Na \u00fahradu;Te voldoen;"
        "Zu bezahlen;I\u0161 viso;Til betaling;Loppusumma;Summa apmaksai;"
        "Att erh\u00e5lla SEK;Importo rimborsato;"
        "Total geral;\u00d6denecek tutar;Obshta suma;Total a liquidar;G. Total;Total de plat\u0103"
    ),
    Role.TOTAL: "Viso;Alls kr;Jumla;Yekun;Tutar;Kokku km-ga;Skupaj z DDV;Shuma",
    Role.SUBTOTAL: "Vahesumma;Starpsumma;Me\u0111uzbroj;T\u1ea1m t\u00ednh;Millisamtala",
    Role.NET: "Ukupno bez PDV;Summa ex moms;Osnovica;VATable Sales;Net;KDV hari\u00e7",
    Role.TAX: "Ukupan iznos poreza;PVN 21%;Pajak;Thu\u1ebf GTGT;ITBIS 18%;DDV 9,5% osnova",
    Role.DISCOUNT: "Nuolaida;Soodustus;Potongan;Gi\u1ea3m gi\u00e1;hrad\u00ed poji\u0161\u0165ovna",
    Role.CHANGE: "Za vratiti;Ti\u1ec1n th\u1eeba;Raha tagasi;Povra\u0107aj;Kusuri;Sukli;Kleingeld",
    Role.CASH: "Gotovina;Skaidra nauda;Sularaha;Khach dua;Mottatt;Primljeno;Su pago",
    Role.CARD: "Bancontact;Alipay;M-PESA;Yape;QRIS;MB WAY;Maksekaart;PIX;NETS;Octopus card",
}


@pytest.mark.parametrize(
    ("label", "role"), [(label, role) for role, all_ in LABELS.items() for label in all_.split(";")]
)
def test_tills_have_words_for_it_in_many_languages(label: str, role: Role) -> None:
    assert role_of(fold(label)) is role


@pytest.mark.parametrize(
    "article",
    [
        "Anillo de plata",
        "Crema viso 50ml",
        "Pos 1 Montage",
        "Wave Haargel",
        "Coperto",
        "Servizio da t\u00e8",
        "Mir Sp\u00fclmittel",
        "Neto 500 g",
        "Gokul \u0926\u0942\u0927",
        "\u0917\u094b\u0915\u0941\u0932 \u0926\u0942\u0927",
    ],
)
def test_an_article_is_no_label_of_another_language(article: str) -> None:
    assert role_of(fold(article)) is Role.NONE


async def test_the_letter_that_ocr_makes_of_a_shekel_is_no_naira() -> None:
    fields = await read("Cafe Tamarisk", "HaNamal 12, Haifa", "Tea | 74.00", "Total | N 74.00")
    assert fields.currency != "NGN"
