"""Scenarios of ``record_histories.py`` in which a nightly audit is made."""

from models import AuditReport, NamedFinding
from providers.errors import ProviderUnavailable
from tests.support.pipelines import Pipelines, Run
from tests.support.recording import Scenario
from tests.support.watching import result_of

LOST = NamedFinding(about="order-7", kind="charge_missing", words="completed, but not charged")
ONE_LOST = AuditReport(
    orders=3, receipts=1, expenses=1, findings=1, by_kind={LOST.kind: 1}, named=(LOST,)
)


async def audit_with_a_finding(pipelines: Pipelines) -> Run:
    """A ledger was away at first."""
    pipelines.world.report = ONE_LOST
    pipelines.world.fail("audit_books", ProviderUnavailable("cannot audit: no answer"))
    run = await pipelines.audit()
    await result_of(run)
    return run


SCENARIOS: tuple[Scenario, ...] = (audit_with_a_finding,)
