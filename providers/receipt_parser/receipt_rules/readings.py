"""Readings: what every rule returns beside its value."""

from dataclasses import dataclass

from providers.receipt_parser.receipt_rules.rows import Box


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The confidence in a field (0 to 1), its position in pixels, and a doubt in words."""

    confidence: float
    box: Box | None = None
    page: int = 0
    doubt: str | None = None
