"""A merchant as it was read."""

from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.readings import Reading


@dataclass(frozen=True)
class MerchantReading(Reading):
    """The merchant's name."""

    name: str
