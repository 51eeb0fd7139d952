"""What a stranger printed on a receipt: shown as it is, and never a link."""

import datetime as dt

import pytest

from models import ExpenseToSave
from workflows.quoting import in_markdown, without_links
from workflows.wording import expense_mail


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("[Pay here](http://evil.example) ACME", "\\[Pay here\\](http\\://evil.example) ACME"),
        ("<img src=x> *B*_c_`d`", "\\<img src=x\\> \\*B\\*\\_c\\_\\`d\\`"),
        ("www.acme.example", "www\\.acme.example"),
        ("Müller & Söhne GmbH, 2. Filiale", "Müller & Söhne GmbH, 2. Filiale"),
    ],
)
def test_markup_is_quoted(text: str, markdown: str) -> None:
    assert in_markdown(text) == markdown


def test_a_link_in_a_merchants_name_is_none_in_a_mail() -> None:
    expense = ExpenseToSave(
        receipt_id="r1",
        user_id="u1",
        object_key="receipts/1.pdf",
        merchant="[Pay here](http://evil.example) ACME",
        total_cents=3_000,
        currency="MYR",
        date=dt.date(2026, 3, 14),
        parser="rules",
    )
    mail = expense_mail("key", "ada@example.com", expense, "e1")

    assert "http:" not in mail.subject + mail.body
    assert "at [Pay here](http :// evil.example) ACME on 2026-03-14" in mail.body
    assert without_links("www.acme.example") == " www. acme.example"
