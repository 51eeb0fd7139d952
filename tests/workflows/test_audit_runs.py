"""A nightly audit on the time-skipping server: what it answers, and when it is given up."""

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError

from providers.errors import ProviderUnavailable, Unfit
from tests.support.audit_scenarios import ONE_LOST
from tests.support.pipelines import Pipelines

ATTEMPTS = 5


async def test_an_audit_with_findings_is_completed_and_names_them(pipelines: Pipelines) -> None:
    pipelines.world.report = ONE_LOST
    assert await (await pipelines.audit()).result() == ONE_LOST


@pytest.mark.parametrize(
    ("error", "calls"),
    [(Unfit("another database"), 1), (ProviderUnavailable("no answer"), ATTEMPTS)],
)
async def test_one_that_cannot_be_made_fails_with_the_reason(
    pipelines: Pipelines, error: Exception, calls: int
) -> None:
    pipelines.world.fail("audit_books", *[error] * (ATTEMPTS + 1))
    run = await pipelines.audit()

    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()

    step = failed.value.cause
    assert isinstance(step, ActivityError)
    cause = step.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == (type(error).__name__, str(error))
    assert len(pipelines.world.calls_of("audit_books")) == calls
