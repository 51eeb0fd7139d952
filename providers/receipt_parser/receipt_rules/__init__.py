"""The rules parser: finds a receipt's fields without an account, a key or the network."""

from providers.receipt_parser.receipt_rules.parser import RulesParser

__all__ = ["RulesParser"]
