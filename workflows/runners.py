"""What runs workflow code in a worker: as it stands, or in the SDK's sandbox.

Both are for workers without a version. The server refuses every task in which one of those names a
versioning behavior, so the runs of all workflows that declare one would stand still.
"""

from dataclasses import replace
from typing import ClassVar

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy


def _without_behavior(details: WorkflowInstanceDetails) -> WorkflowInstanceDetails:
    """Return a run without the versioning behavior that its workflow declares."""
    defn = replace(details.defn, versioning_behavior=VersioningBehavior.UNSPECIFIED)
    return replace(details, defn=defn)


class UnversionedRunner(UnsandboxedWorkflowRunner):
    """What runs workflows in a worker without a version."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run of a workflow."""
        return super().create_instance(_without_behavior(det))


class _Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, but it tries only once in a process whether it can load a workflow.

    The SDK tries for every worker, and that takes as long as a run.
    """

    _loadable: ClassVar[set[type]] = set()

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run of a workflow."""
        return super().create_instance(_without_behavior(det))

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        if defn.cls not in self._loadable:
            super().prepare_workflow(defn)
            self._loadable.add(defn.cls)


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """Return what runs or replays workflows in the SDK's sandbox."""
    # Fail at start-up on a module that the sandbox would import again for every run.
    return _Sandbox(
        restrictions=SandboxRestrictions.default.with_import_notification_policy(
            SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
    )
