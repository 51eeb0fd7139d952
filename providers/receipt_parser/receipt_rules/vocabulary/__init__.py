"""Vocabulary: what the label of an amount says about it, in the languages of Europe and Malay."""

from providers.receipt_parser.receipt_rules.vocabulary.folding import (
    fold,
    is_one_edit_away,
    without_accents,
)
from providers.receipt_parser.receipt_rules.vocabulary.role import Role
from providers.receipt_parser.receipt_rules.vocabulary.roles import (
    is_said_of_money,
    opens_tax_summary,
    role_of,
)

__all__ = [
    "Role",
    "fold",
    "is_one_edit_away",
    "is_said_of_money",
    "opens_tax_summary",
    "role_of",
    "without_accents",
]
