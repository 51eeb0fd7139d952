"""Which providers the settings choose, and what a worker built from them serves."""

from pathlib import Path

import pytest
from temporalio import activity
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from config import Settings
from providers.http_payments import HttpPayments
from providers.openai_parser import OpenAiParser
from providers.receipt_rules import RulesParser
from providers.ses_mail import SesMail
from providers.smtp_mail import SmtpMail
from providers.stripe_payments import StripePayments
from providers.textract_expense import TextractExpenseParser
from providers.two_parsers import TwoParsers
from providers.vision_parser import VisionParser
from tests.test_architecture import activities_named_by_workflows
from tests.workflows.fakes import World
from tests.workflows.pipelines import QUEUE, Pipelines, time_skipping
from tests.workflows.watching import result_of
from worker import WORKFLOWS, Activities, build_worker, ocr_activities, provider_activities

TEXTRACT = {"ocr_engine": "textract", "aws_region": "eu-west-1"}
STRIPE = {"payment_provider": "stripe", "stripe_api_key": "sk_test_x"}
SES = {"mail_provider": "ses", "aws_region": "eu-west-1"}
MODEL = {"openai_base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep boto3 from asking the machine that it runs on."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")


def settings(state_dir: Path, **chosen: str) -> Settings:
    return Settings.model_validate({"state_dir": state_dir, **chosen})


def names_of(activities: Activities) -> set[tuple[str, str]]:
    """Give class and name of activities, as a worker would register them."""
    return {
        (
            type(getattr(method, "__self__", None)).__name__,
            str(activity._Definition.must_from_callable(method).name),
        )
        for method in activities
    }


def providers_of(activities: Activities) -> list[object]:
    """Give the providers that the activities were built with."""
    return [
        provider
        for method in activities
        for provider in vars(getattr(method, "__self__", None)).values()
    ]


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        ({}, HttpPayments),
        (STRIPE, StripePayments),
        ({}, SmtpMail),
        (SES, SesMail),
        ({"receipt_parser": "auto"}, RulesParser),
        ({"receipt_parser": "auto", **MODEL}, OpenAiParser),
        ({"receipt_parser": "auto", "openai_api_key": "sk-x"}, OpenAiParser),
        ({"receipt_parser": "rules", **MODEL}, RulesParser),
        ({"receipt_parser": "openai", **MODEL}, OpenAiParser),
        ({"receipt_parser": "vision", **MODEL}, VisionParser),
        ({"receipt_parser": "textract", "aws_region": "eu-west-1"}, TextractExpenseParser),
        ({"receipt_parser": "rules", "receipt_second_parser": "vision", **MODEL}, TwoParsers),
    ],
)
async def test_settings_choose_the_provider(
    tmp_path: Path, chosen: dict[str, str], kind: type
) -> None:
    async with provider_activities(settings(tmp_path, **chosen)) as activities:
        assert kind in [type(provider) for provider in providers_of(activities)]


async def test_every_activity_that_a_workflow_names_is_registered(tmp_path: Path) -> None:
    chosen = settings(tmp_path, **TEXTRACT)
    async with provider_activities(chosen) as activities:
        served = names_of(activities) | names_of(ocr_activities(chosen))
    assert served == activities_named_by_workflows()


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
