"""What a worker serves, and how its workflows are run."""

import pytest
from temporalio import workflow
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.support.activities import activities_named_by_workflows, names_of
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, time_skipping
from tests.support.watching import result_of
from worker import build_worker
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.registered import WORKFLOWS


async def test_a_worker_serves_what_it_is_told_to_and_nothing_else() -> None:
    async with time_skipping() as env:
        pipelines = Pipelines(env, World())
        workflows = build_worker(env.client, QUEUE, workflows=WORKFLOWS)
        assert list(workflows.config()["workflows"]) == list(WORKFLOWS)
        assert list(workflows.config()["activities"]) == []
        steps = build_worker(env.client, "steps", activities=pipelines.activities())
        assert list(steps.config()["workflows"]) == []
        named = activities_named_by_workflows()
        assert names_of(list(steps.config()["activities"])) == {
            name for name in named if name[1] != "extract_text"
        }


async def test_a_worker_of_workflows_makes_the_local_steps_and_no_others() -> None:
    async with time_skipping() as env:
        beside, elsewhere = World(clock=env.get_current_time), World()
        pipelines = Pipelines(env, beside)
        async with (
            build_worker(
                env.client,
                QUEUE,
                activities=pipelines.activities(),
                only_local_activities=True,
                workflows=WORKFLOWS,
                sandboxed=True,
            ),
            build_worker(env.client, QUEUE, activities=Pipelines(env, elsewhere).activities()),
        ):
            await result_of(await pipelines.order())
    assert elsewhere.names() == ["charge_payment", "send_confirmation"]
    assert beside.names() == ["reserve_inventory", "schedule_shipment"]


async def test_workflows_run_in_the_sandbox_only_where_they_are_told_to() -> None:
    async with time_skipping() as env:
        plain = build_worker(env.client, QUEUE, workflows=WORKFLOWS)
        checked = build_worker(env.client, "checked", workflows=WORKFLOWS, sandboxed=True)
    assert isinstance(plain.config()["workflow_runner"], UnsandboxedWorkflowRunner)
    assert isinstance(checked.config()["workflow_runner"], SandboxedWorkflowRunner)


@pytest.mark.parametrize(
    ("kind", "behavior"),
    [
        (OrderWorkflow, VersioningBehavior.PINNED),
        (ReceiptWorkflow, VersioningBehavior.AUTO_UPGRADE),
        (MailWorkflow, VersioningBehavior.AUTO_UPGRADE),
    ],
)
def test_what_lives_for_days_goes_along_to_the_next_build(
    kind: type, behavior: VersioningBehavior
) -> None:
    assert workflow._Definition.must_from_class(kind).versioning_behavior is behavior


async def test_only_a_worker_with_a_build_takes_part_in_worker_versioning() -> None:
    async with time_skipping() as env:
        plain = build_worker(env.client, QUEUE, workflows=WORKFLOWS)
        build = WorkerDeploymentVersion("shop", "1.2.3")
        versioned = build_worker(env.client, "shop", workflows=WORKFLOWS, version=build)
    assert plain.config()["deployment_config"] is None
    deployment = versioned.config()["deployment_config"]
    assert deployment is not None
    assert (deployment.version, deployment.use_worker_versioning) == (build, True)
