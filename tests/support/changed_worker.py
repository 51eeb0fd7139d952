"""``worker.py`` with an order workflow that nobody guarded: no order of another build replays."""

import datetime as dt

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import VersioningBehavior

import worker
from models import OrderResult
from workflows.order.workflow import OrderWorkflow
from workflows.registered import WORKFLOWS

SUMMARY = "the new build counts to one first"


@workflow.defn(
    name="OrderWorkflow",
    failure_exception_types=[ValidationError],
    versioning_behavior=VersioningBehavior.PINNED,
)
class CountsFirst(OrderWorkflow):
    """The order workflow with one timer more, before everything else."""

    @workflow.init
    def __init__(self, *given: object) -> None:
        super().__init__(*given)

    @workflow.run
    async def run(self, *given: object) -> OrderResult:
        """Wait for a moment, and then do what an order does."""
        await workflow.sleep(dt.timedelta(milliseconds=1), summary=SUMMARY)
        return await super().run(*given)


def main() -> None:
    """Serve what ``worker.py`` serves, with the changed workflow."""
    vars(worker)["WORKFLOWS"] = (CountsFirst, *WORKFLOWS[1:])
    worker.main()


if __name__ == "__main__":
    main()
