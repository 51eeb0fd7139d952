"""The audit as a step: one that reads every ledger, and takes as long as that takes."""

from typing import Protocol

from temporalio import activity

from activities.attempts import attempt
from models import AuditReport, AuditRequest


class Auditor(Protocol):
    """Compares what Temporal says with what every ledger holds."""

    async def audit(self, request: AuditRequest) -> AuditReport:
        """Compare everything; changes nothing. Raises Unfit, or ProviderUnavailable."""
        ...


class AuditActivities:
    """Activity of ``AuditWorkflow``. It raises ApplicationError, typed by provider error."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor

    @activity.defn
    async def audit_books(self, request: AuditRequest) -> AuditReport:
        """Compare everything with everything."""
        return await attempt(self._auditor.audit(request))
