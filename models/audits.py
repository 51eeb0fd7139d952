"""An audit that a run makes: what is asked of it, and what it found."""

from pydantic import Field

from models.base import Model

MAX_FINDING_CHARACTERS = 300


class AuditRequest(Model):
    """What to audit: everything. At most ``most_named`` findings are named in the report."""

    most_named: int = Field(default=20, ge=0, le=1000)


class NamedFinding(Model):
    """One thing that does not agree: of which run or object, of which kind, and how."""

    about: str
    kind: str
    words: str


class AuditReport(Model):
    """What was compared, and how much of it does not agree. ``by_kind`` counts all findings."""

    orders: int
    receipts: int
    expenses: int
    findings: int
    by_kind: dict[str, int] = Field(default_factory=dict)
    named: tuple[NamedFinding, ...] = ()
