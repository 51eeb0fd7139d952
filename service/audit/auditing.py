"""The audit as a worker makes it: its report, and its errors in the words of providers."""

from collections import Counter

from temporalio.client import Client

from config import Settings
from models import MAX_FINDING_CHARACTERS, AuditReport, AuditRequest, NamedFinding
from providers.errors import ProviderUnavailable, Unfit
from service.errors import AnotherDatabase, ServiceError


class Auditing:
    """The ``Auditor`` of a worker."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    async def audit(self, request: AuditRequest) -> AuditReport:
        """See ``Auditor.audit``."""
        # Here and not at the start: a worker that audits once a night need not begin later for it.
        from service.audit.report import audit

        try:
            found = await audit(self._client, self._settings)
        except AnotherDatabase as error:
            raise Unfit(str(error)) from None
        except ServiceError as error:
            raise ProviderUnavailable(str(error)) from None
        return AuditReport(
            orders=found.orders,
            receipts=found.receipts,
            expenses=found.expenses,
            findings=len(found.findings),
            by_kind=dict(Counter(one.kind for one in found.findings)),
            named=tuple(
                NamedFinding(
                    about=one.about, kind=one.kind, words=one.words[:MAX_FINDING_CHARACTERS]
                )
                for one in found.findings[: request.most_named]
            ),
        )
