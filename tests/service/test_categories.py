"""Rules in a file say of which category an expense is, by the words of its merchant's name."""

import csv
import io
from pathlib import Path

import pytest

from service.categories import Categories, read_categories
from service.errors import BadInput
from service.expenses import write_csv
from service.exports.firefly import write_firefly
from service.exports.journals import beancount_journal, ledger_journal
from tests.service.exports.test_journals import beancount_read, expense, ledger_read

RULES = """
"Food:Coffee" = ["Caf\u00e9", "kettle & quill"]
"Food" = ["bar"]
"Travel" = ["DEUTSCHE BAHN"]
"""


def rules(folder: Path, text: str = RULES) -> Categories:
    file = folder / "categories.toml"
    file.write_text(text, encoding="utf-8")
    return read_categories(file)


@pytest.mark.parametrize(
    ("merchant", "category"),
    [
        ("CORNER CAFE", "Food:Coffee"),
        ("Kettle&Quill", "Food:Coffee"),
        ("Cafe Bar", "Food:Coffee"),
        ("The Bar", "Food"),
        ("Barber", None),
        ("Deutsche  Bahn AG", "Travel"),
        ("", None),
        (None, None),
    ],
)
def test_the_first_rule_whose_words_stand_in_the_name_counts(
    merchant: str | None, category: str | None, tmp_path: Path
) -> None:
    assert rules(tmp_path).of(merchant) == category


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Food = [", "is no TOML: "),
        ('food = ["x"]', "the category is 'food': it must be letters, digits and '-'"),
        ('"Food: x" = ["x"]', "the category is 'Food: x'"),
        ('Food = "cafe"', "Food must be a list of names"),
        ("Food = [1]", "Food must be a list of names"),
        ('Food = ["&"]', "Food has the name '&', without a letter"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        rules(tmp_path, text)
    assert complaint in str(refused.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_categories(tmp_path / "none.toml")


def test_every_format_has_the_category(tmp_path: Path) -> None:
    found = rules(tmp_path)
    saved = [expense("Corner Cafe"), expense("Elsewhere")]

    text = io.StringIO(newline="")
    write_csv(saved, text, found)
    rows = list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))
    assert [row["category"] for row in rows] == ["Food:Coffee", ""]
    text = io.StringIO(newline="")
    write_firefly(saved, text, found)
    rows = list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))
    assert [row["category-name"] for row in rows] == ["Food:Coffee", ""]
    for journal in (
        ledger_read(ledger_journal(saved, found)),
        beancount_read(beancount_journal(saved, found)),
    ):
        accounts = [set(one.amounts) for one in journal]
        assert accounts == [
            {"Expenses:Food:Coffee", "Liabilities:Receipts"},
            {"Expenses:Receipts", "Liabilities:Receipts"},
        ]
