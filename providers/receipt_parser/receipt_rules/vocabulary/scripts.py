# ruff: noqa: RUF001
"""Scripts: labels in Greek, Cyrillic and Asian letters, as the words that the rules know.

A PDF file has its letters with it, whatever they are. A credit note whose title nobody could read
would be an expense, and a subtotal a total.
"""

import re
from collections.abc import Callable

_WORDS = {
    "TOTAL": (
        "ΣΥΝΟΛΟ|ΓΕΝΙΚΟ ΣΥΝΟΛΟ|ИТОГО|ИТОГ|ВСЕГО|СУММА|РАЗОМ|УСЬОГО|ВСЬОГО|СУМА|ОБЩО|ВСИЧКО"
        "|ОБЩА СУМА|УКУПНО|ВКУПНО|合计|合計|税込合計|合計金額|お会計|お会計金額|現計"
        "|お支払金額|お支払い金額|領収金額|税込金額|ご利用金額|ご利用額|お買上金額"
        "|お買上げ金額|お買上合計|お買い上げ合計|总计|總計|总额|總額|総合計|お買上計|합계"
        "|총액|총합계|총 금액|결제금액|ВКУПЕН ПРОМЕТ|УКУПАН ИЗНОС|ОБЩО ЗА ПЛАЩАНЕ"
        "|รวมทั้งสิ้น|ยอดรวม|ยอดสุทธิ|รวมเงิน|จำนวนเงิน|จำนวนเงินรวม|ยอดรวมสุทธิ|รวมสุทธิ"
        '|סה"כ|סהכ|סה״כ|الإجمالي|الاجمالي|إجمالي|اجمالي|المجموع|المجموع الكلي'
        "|الإجمالي الكلي|कुल|कुल राशि|कुल योग"
    ),
    "AMOUNT DUE": (
        "ΠΛΗΡΩΤΕΟ ΠΟΣΟ|ΠΛΗΡΩΤΕΟ|К ОПЛАТЕ|ИТОГО К ОПЛАТЕ|ДО СПЛАТИ|ЗА ПЛАЩАНЕ"
        "|СУМА ЗА ПЛАЩАНЕ|应付金额|應付金額|应付|應付|請求金額|ご請求額|ご請求金額|청구금액"
        "|받을금액|СУМА ДО СПЛАТИ|ЗА УПЛАТУ|СУММА К ОПЛАТЕ|ยอดชำระ|ยอดที่ต้องชำระ|לתשלום"
        '|סה"כ לתשלום|סה״כ לתשלום|المبلغ المستحق|देय राशि|实付|实付金额|實付金額|应收|應收'
    ),
    "SUBTOTAL": (
        "ΜΕΡΙΚΟ ΣΥΝΟΛΟ|ΥΠΟΣΥΝΟΛΟ|ПОДЫТОГ|ПРОМЕЖУТОЧНЫЙ ИТОГ|МЕЖДИННА СУМА|ПІДСУМОК"
        "|ПРОМІЖНА СУМА|小计|小計|소계|МЕЃУЗБИР|МЕЂУЗБИР|ยอดรวมย่อย|סכום ביניים"
        "|المجموع الفرعي|الإجمالي الفرعي|المجموع قبل الضريبة|उप योग"
    ),
    "NETTO": (
        "ΚΑΘΑΡΗ ΑΞΙΑ|ΚΑΘΑΡΟ|БЕЗ НДС|БЕЗ ПДВ|БЕЗ ДДС|ДАНЪЧНА ОСНОВА|税抜|税抜金額|税抜合計"
        '|税抜計|税抜対象額|不含税|공급가액|과세물품가액|ОСНОВИЦА|มูลค่าก่อนภาษี|לפני מע"מ'
        '|לפני מע״מ|ללא מע"מ|قبل الضريبة|غير شامل الضريبة'
    ),
    "VAT": (
        "ΦΠΑ|Φ.Π.Α.|НДС|ПДВ|ДДС|消費税|内消費税|消費税等|内税|外税|内税額|外税額|税合計"
        "|消費税額|税额|稅額|增值税|부가세|부가가치세|세액|ПОРЕЗ|УКУПАН ИЗНОС ПОРЕЗА"
        '|ภาษีมูลค่าเพิ่ม|ภาษี|מע"מ|מעמ|מע״מ|ضريبة القيمة المضافة|الضريبة|ضريبة|जीएसटी'
    ),
    "CASH": (
        "ΜΕΤΡΗΤΑ|НАЛИЧНЫЕ|НАЛИЧНЫМИ|ГОТІВКА|ГОТІВКОЮ|В БРОЙ|ГОТОВИНА|现金|現金|お預り"
        "|お預かり|お預り金|お預かり金額|お預り合計|お預かり合計|현금|받은금액|ВО ГОТОВО"
        "|ПРИМЉЕНО|УПЛАЋЕНО|ГОТОВИНСКО|เงินสด|รับเงิน|מזומן|שולם במזומן|نقدا|نقدي|نقداً"
        "|المدفوع|المبلغ المدفوع|नकद"
    ),
    "CARD": (
        "ΚΑΡΤΑ|КАРТА|КАРТОЙ|БЕЗНАЛИЧНЫМИ|БЕЗГОТІВКОВА|БАНКОВА КАРТА|КАРТКА|КАРТКОЮ|КАРТИЦА"
        "|クレジット|カード|クレジットカード|クレジット売上|電子マネー|電子マネー支払"
        "|交通系|QR決済|コード決済|信用卡|刷卡|支付宝|微信|카드|신용카드|ПЛАТНА КАРТИЦА"
        "|КРЕДИТНА КАРТА|ΚΑΡΤΑΣ|บัตรเครดิต|บัตรเดบิต|พร้อมเพย์|אשראי|כרטיס אשראי|ביט|بطاقة"
        "|بطاقة ائتمان|مدى|شبكة|कार्ड|यूपीआई|微信支付|支付宝支付|八达通|八達通|悠遊卡"
    ),
    "CHANGE": (
        "ΡΕΣΤΑ|СДАЧА|РЕСТО|РЕШТА|お釣り|おつり|お釣|釣銭|找零|找赎|거스름돈|ЗА ВРАЌАЊЕ"
        "|ПОВРАЋАЈ|КУСУР|เงินทอน|ทอนเงิน|עודף|الباقي|المتبقي|बाकी"
    ),
    "DISCOUNT": (
        "ΕΚΠΤΩΣΗ|СКИДКА|ЗНИЖКА|ОТСТЪПКА|ПОПУСТ|割引|値引|折扣|优惠|優惠|할인|НАМАЛЕНИЕ"
        "|ส่วนลด|הנחה|خصم|الخصم|छूट"
    ),
    "CREDIT NOTE": (
        "ΠΙΣΤΩΤΙΚΟ ΤΙΜΟΛΟΓΙΟ|ΠΙΣΤΩΤΙΚΟ|КРЕДИТНО ИЗВЕСТИЕ|КРЕДИТ-НОТА|КРЕДИТНОЕ АВИЗО"
        "|红字发票|折讓單|返品伝票|ใบลดหนี้|חשבונית זיכוי|הודעת זיכוי|إشعار دائن|اشعار دائن"
    ),
    "REFUND": (
        "ΕΠΙΣΤΡΟΦΗ|ΕΠΙΣΤΡΟΦΗ ΧΡΗΜΑΤΩΝ|ВОЗВРАТ|ВОЗВРАТ ПРИХОДА|ПОВЕРНЕННЯ|ВИДАТКОВИЙ ЧЕК"
        "|ВРЪЩАНЕ|СТОРНО|"
        "ПОВРАЋАЈ НОВЦА|ПРОМЕТ РЕФУНДАЦИЈА|РЕФУНДАЦИЈА|退货|退貨|退款|返品|返金|환불|반품|คืนเงิน"
        "|คืนสินค้า|זיכוי|החזר|استرجاع|استرداد|مرتجع|धनवापसी"
    ),
    "VOID": (
        "ΑΚΥΡΩΘΗΚΕ|ΑΚΥΡΟ|ΑΚΥΡΩΣΗ|АННУЛИРОВАН|АННУЛИРОВАНО|АНУЛИРАНО|АНУЛЬОВАНО|作废|作廢"
        "|取消|취소|СТОРНИРАНО|ยกเลิก|מבוטל|בוטל|ملغاة|ملغي|रद्द"
    ),
    "QUOTATION": (
        "ΠΡΟΣΦΟΡΑ|КОММЕРЧЕСКОЕ ПРЕДЛОЖЕНИЕ|КОМЕРЦІЙНА ПРОПОЗИЦІЯ|ОФЕРТА|ПОНУДА|見積書"
        "|御見積書|お見積書|报价单|報價單|견적서|КОТИРОВКА|ใบเสนอราคา|הצעת מחיר|عرض سعر"
        "|عرض أسعار|कोटेशन"
    ),
    "PROFORMA": (
        "ΠΡΟΤΙΜΟΛΟΓΙΟ|ПРОФОРМА|ПРОФОРМА ФАКТУРА|ПРЕДЧЕК|ПРЕЧЕК|形式发票|견적송장|ПРЕДРАЧУН"
        "|חשבון עסקה|חשבונית עסקה|فاتورة أولية|فاتورة مبدئية"
    ),
    "RECEIPT": (
        "ΑΠΟΔΕΙΞΗ|ЧЕК|КАССОВЫЙ ЧЕК|КВИТАНЦИЯ|РАЗПИСКА|領収書|領収証|レシート|收据|收據"
        "|영수증|ФИСКАЛНИ РАЧУН|БЛАГОВА БЕЛЕЖКА|ФІСКАЛЬНИЙ ЧЕК|ใบเสร็จรับเงิน|ใบเสร็จ|קבלה"
        "|إيصال|रसीद"
    ),
    "INVOICE": (
        "ΤΙΜΟΛΟΓΙΟ|СЧЕТ|ФАКТУРА|РАХУНОК|发票|發票|請求書|세금계산서|РАЧУН|ใบกำกับภาษี"
        "|חשבונית מס|חשבונית|فاتورة ضريبية|فاتورة|बिल"
    ),
    "DUE DATE": (
        "ΗΜΕΡΟΜΗΝΙΑ ΛΗΞΗΣ|ΛΗΞΗ|СРОК ОПЛАТЫ|ОПЛАТИТЬ ДО|ОПЛАТИТИ ДО|СРОК НА ПЛАЩАНЕ|支払期限"
        "|お支払期限|到期日|납부기한|РОК ЗА ПЛАЌАЊЕ|РОК ПЛАЋАЊА|วันครบกำหนด|מועד תשלום"
        "|לתשלום עד|تاريخ الاستحقاق"
    ),
    "DATE": (
        "ΗΜΕΡΟΜΗΝΙΑ|ΗΜ/ΝΙΑ|ДАТА|日期|日付|発行日|날짜|일자|ДАТУМ|วันที่|תאריך|التاريخ|تاريخ"
        "|दिनांक|तारीख"
    ),
    "QTY": (
        "ΠΟΣΟΤΗΤΑ|ΤΕΜΑΧΙΑ|КОЛИЧЕСТВО|КОЛ-ВО|КІЛЬКІСТЬ|数量|點數|点数|수량|КОЛИЧИНА|จำนวน"
        "|כמות|الكمية|मात्रा"
    ),
    "DEPOSIT PAID": (
        "ΠΡΟΚΑΤΑΒΟΛΗ|ПРЕДОПЛАТА|АВАНС|ПЕРЕДОПЛАТА|КАПАРО|预付|預付|前受金|内金|선금|계약금"
        "|เงินมัดจำ|מקדמה|دفعة مقدمة|عربون"
    ),
    "PREVIOUS BALANCE": (
        "ΠΡΟΗΓΟΥΜΕΝΟ ΥΠΟΛΟΙΠΟ|ЗАДОЛЖЕННОСТЬ|ЗАБОРГОВАНІСТЬ|ПРЕДИШНО САЛДО|前回繰越|上期余额"
        "|미납액|ПРЕТХОДНО СТАЊЕ|ยอดค้างชำระ|יתרה קודמת|الرصيد السابق"
    ),
}
"""By the words that the rules know."""
_SEEN = re.compile(
    "[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u097f\u0e00-\u0e7f\u1100-\u11ff"
    "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
_GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "A V G D E Z I TH I K L M N X O P R S T Y F CH PS O"
_CYRILLIC = (
    "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЄҐЂЈЉЊЋЏЅЃЌ",
    "A B V G D E ZH Z I K L M N O P R S T U F H TS CH SH SHCH A Y _ E YU YA I YE G DJ J LJ NJ C DZ"
    " DZ G K",
)
_AS_LATIN = str.maketrans(
    {
        letter: latin.replace("_", "")
        for letters, latins in (_GREEK, _CYRILLIC)
        for letter, latin in zip(letters, latins.split(), strict=True)
    }
)


_GREEK_TWINS = str.maketrans("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_CYRILLIC_TWINS = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")
_LATIN_TWINS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХ", "ABEZHIKMNOPTYXABEKMHOPCTYX")
"""Letters that look the same: in a picture, OCR takes one for the other."""
_NO_LETTER_BEFORE, _NO_LETTER_BEHIND = r"(?<![\w\u0900-\u097f])", r"(?![\w\u0900-\u097f])"
"""Around a word. The signs for vowels of Hindi are no letters for regular expressions."""
_WORD = re.compile(r"\w+")
_LATIN_WORD = re.compile(r"[A-Z]{4,}")


class Scripts:
    """Labels in other letters, each looked for as ``plain`` writes it."""

    def __init__(self, plain: Callable[[str], str]) -> None:
        self._known = {
            plain(word): label for label, words in _WORDS.items() for word in words.split("|")
        }
        self._twins = {
            twin: label
            for word, label in self._known.items()
            if _LATIN_WORD.fullmatch(twin := word.translate(_LATIN_TWINS))
        }
        # Labels of East Asia have no blanks around them, the others are words.
        longest_first = sorted(self._known, key=len, reverse=True)
        self._any = re.compile(
            "|".join(
                re.escape(word)
                if _is_asian(word)
                else rf"{_NO_LETTER_BEFORE}{re.escape(word)}{_NO_LETTER_BEHIND}"
                for word in longest_first
            )
        )

    def in_latin(self, plain: str) -> str:
        """Return a plain text with English labels for those it has, and the rest in our letters."""
        plain = _LATIN_WORD.sub(lambda word: self._twins.get(word[0], word[0]), plain)
        if not _SEEN.search(plain):
            return plain
        plain = _WORD.sub(_in_one_script, plain)
        said = self._any.sub(lambda word: f" {self._known[word[0]]} ", plain)
        return said.translate(_AS_LATIN)


def _in_one_script(word: re.Match[str]) -> str:
    """Return a word whose letters are of two scripts in the one that is not Latin."""
    if any("\u0370" <= letter <= "\u03ff" for letter in word[0]):
        return word[0].translate(_GREEK_TWINS)
    if any("\u0400" <= letter <= "\u04ff" for letter in word[0]):
        return word[0].translate(_CYRILLIC_TWINS)
    return word[0]


def _is_asian(word: str) -> bool:
    return not any("\u0370" <= letter <= "\u097f" for letter in word)
