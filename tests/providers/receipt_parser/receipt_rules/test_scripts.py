# ruff: noqa: RUF001
import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, role_of
from tests.support.printed_receipts import printed


def read(*rows: str) -> ReceiptFields:
    return RulesParser(Settings(_env_file=None)).read(printed(*rows))


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Μερικό σύνολο", Role.SUBTOTAL),
        ("Σύνολο", Role.TOTAL),
        ("ΦΠΑ 24%", Role.TAX),
        ("Ρέστα", Role.CHANGE),
        ("Подытог", Role.SUBTOTAL),
        ("ИТОГО", Role.TOTAL),
        ("К оплате", Role.GRAND_TOTAL),
        ("Наличными", Role.CASH),
        ("Разом", Role.TOTAL),
        ("Общо", Role.TOTAL),
        ("Отстъпка", Role.DISCOUNT),
        ("ΣYNOΛO", Role.TOTAL),
        ("ИTOГO", Role.TOTAL),
        ("CYMA", Role.TOTAL),
        ("KAPTA", Role.CARD),
        ("PECTO", Role.CHANGE),
        ("お会計", Role.TOTAL),
        ("税込合計", Role.TOTAL),
        ("税合計", Role.TAX),
        ("内税額", Role.TAX),
        ("お預かり合計", Role.CASH),
        ("クレジット売上", Role.CARD),
        ("小计", Role.SUBTOTAL),
        ("合计", Role.TOTAL),
        ("合計", Role.TOTAL),
        ("お釣り", Role.CHANGE),
        ("消費税", Role.TAX),
        ("소계", Role.SUBTOTAL),
        ("합계", Role.TOTAL),
        ("신용카드", Role.CARD),
    ],
)
def test_a_label_in_other_letters_says_what_its_amount_is(label: str, role: Role) -> None:
    assert role_of(fold(label)) is role


def test_other_words_keep_their_letters_as_ours() -> None:
    assert fold("Чай чёрный") == "CHAI CHERNYI"
    assert fold("Καφές") == "KAFES"


@pytest.mark.parametrize(
    "rows",
    [
        ("Μερικό σύνολο | 10,00 €", "ΦΠΑ 24% | 2,40 €", "Σύνολο | 12,40 €", "Κάρτα | 12,40 €"),
        ("Подытог | 10.00 EUR", "НДС 24% | 2.40 EUR", "ИТОГО | 12.40 EUR", "Картой | 12.40 EUR"),
        ("Підсумок | 10.00 EUR", "ПДВ 24% | 2.40 EUR", "Разом | 12.40 EUR", "Картка | 12.40 EUR"),
        ("小计 | 10.00 EUR", "税额 | 2.40 EUR", "合计 | 12.40 EUR", "信用卡 | 12.40 EUR"),
    ],
)
def test_a_total_in_other_letters_is_read(rows: tuple[str, ...]) -> None:
    fields = read("Orchid", "14.11.2025", *rows)
    assert fields.total_cents == 1240
    assert fields.doubts == ()


@pytest.mark.parametrize(
    "title",
    [
        "ΠΙΣΤΩΤΙΚΟ ΤΙΜΟΛΟΓΙΟ",
        "ВОЗВРАТ ПРИХОДА",
        "Кредитно известие",
        "Повернення",
        "返品",
        "退货",
        "환불",
    ],
)
def test_a_refund_in_other_letters_is_money_back(title: str) -> None:
    fields = read("Orchid", title, "14.11.2025", "Total | 12.40 EUR", "Card | 12.40 EUR")
    assert fields.total_cents == -1240


@pytest.mark.parametrize(
    "title", ["ΠΡΟΣΦΟΡΑ", "Коммерческое предложение", "見積書", "报价单", "견적서"]
)
def test_a_quotation_in_other_letters_is_a_doubt(title: str) -> None:
    fields = read("Orchid", title, "14.11.2025", "Total | 12.40 EUR", "Card | 12.40 EUR")
    assert any("no receipt" in doubt for doubt in fields.doubts)


def test_yen_and_yuan_are_told_by_the_letters() -> None:
    assert read("カフェ らん", "合計 | ¥1,280").currency == "JPY"
    assert read("兰花茶馆", "合计 | ¥128").currency == "CNY"
    assert read("란 카페", "합계 | 12,800").currency == "KRW"


@pytest.mark.parametrize(
    "day",
    [
        "14 ноября 2025 г.",
        "14 листопада 2025",
        "14 ноември 2025 г.",
        "14 Νοεμβρίου 2025",
        "2025年11月14日",
    ],
)
def test_a_month_in_other_letters_is_read(day: str) -> None:
    assert str(read("Orchid", day, "Total | 12.40 EUR").date) == "2025-11-14"
