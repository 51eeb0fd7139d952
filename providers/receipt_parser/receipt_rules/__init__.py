"""The rules parser: the fields of a receipt with no account, no key and no network."""

from providers.receipt_parser.receipt_rules.parser import RulesParser

__all__ = ["RulesParser"]
