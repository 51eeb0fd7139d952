"""A merchant as it was read."""

from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.readings import Reading


@dataclass(frozen=True)
class MerchantReading(Reading):
    """The merchant's name."""

    name: str
    is_likely: bool = False
    """Whether it is usually right although it is doubtful."""
