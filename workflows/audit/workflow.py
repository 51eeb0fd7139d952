"""Compares every ledger with Temporal, at night, so that nobody has to think of it."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from activities.audit import AuditActivities
    from models import AuditReport, AuditRequest
    from workflows.shared.step import Step


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class AuditWorkflow:
    """Makes one audit; it is read-only, so that it may run beside everything else.

    - Workflow id ``nightly-audit-`` and the time for which its schedule started it.
    - No input: what a schedule starts is encrypted for the schedule's own id and not for the
      run's, so a run could not read it. Result ``AuditReport``, also if there are findings: who
      is told of them is the business of the gauge ``pipelines_audit_findings``.
    - It fails with type Unfit if there is nothing to compare with, such as another database, and
      with that of the last error if a ledger stays away.
    - Auto-upgrade: it has one step, and the newest rules are the ones to audit by.
    """

    @workflow.run
    async def run(self) -> AuditReport:
        """Audit; see the class for the contract."""
        step = Step(
            AuditActivities.audit_books,
            AuditRequest(),
            summary="compare every ledger with Temporal",
        )
        report = await step.run(waits_for_repair=_never)
        workflow.set_current_details(
            f"{report.findings} findings in {report.orders} orders and {report.receipts} receipts"
        )
        return report


def _never() -> bool:
    """Wait for no repair: the next night's audit is sooner."""
    return False
