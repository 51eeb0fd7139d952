"""Readings: what every rule answers beside its value, so that no rule forgets to say it."""

from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.rows import Box


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How sure a field is (0 to 1), where it stands, and in words why it may be wrong."""

    confidence: float
    box: Box | None = None
    page: int = 0
    doubt: str | None = None
