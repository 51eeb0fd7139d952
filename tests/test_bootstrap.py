"""Which providers the settings choose, and which activities call them."""

from pathlib import Path

import pytest

from bootstrap import Activities, audit_activities, ocr_activities, provider_activities
from config import Settings
from tests.support.activities import activities_named_by_workflows, names_of
from tests.support.fakes import World

TEXTRACT = {"ocr_engine": "textract", "aws_region": "eu-west-1"}
STRIPE = {"payment_provider": "stripe", "stripe_api_key": "sk_test_x"}
SES = {"mail_provider": "ses", "aws_region": "eu-west-1"}
MODEL = {"openai_base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set credentials, so that boto3 does not look for any on this machine."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")


def settings(state_dir: Path, **chosen: str) -> Settings:
    return Settings.model_validate({"state_dir": state_dir, **chosen})


def providers_of(activities: Activities) -> list[object]:
    """Return the providers that the activities were built with."""
    return [
        provider
        for method in activities
        for provider in vars(getattr(method, "__self__", None)).values()
    ]


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        ({}, "HttpPayments"),
        (STRIPE, "StripePayments"),
        ({}, "SmtpMail"),
        (SES, "SesMail"),
        ({"receipt_parser": "auto"}, "ConfinedRulesParser"),
        ({"receipt_parser": "auto", **MODEL}, "OpenAiParser"),
        ({"receipt_parser": "auto", "openai_api_key": "sk-x"}, "OpenAiParser"),
        ({"receipt_parser": "rules", **MODEL}, "ConfinedRulesParser"),
        ({"receipt_parser": "openai", **MODEL}, "OpenAiParser"),
        ({"receipt_parser": "vision", **MODEL}, "VisionParser"),
        ({"receipt_parser": "textract", "aws_region": "eu-west-1"}, "TextractExpenseParser"),
        ({"receipt_parser": "rules", "receipt_second_parser": "vision", **MODEL}, "TwoParsers"),
    ],
)
async def test_settings_choose_the_provider(
    tmp_path: Path, chosen: dict[str, str], kind: str
) -> None:
    async with provider_activities(settings(tmp_path, **chosen)) as activities:
        assert kind in [type(provider).__name__ for provider in providers_of(activities)]


async def test_every_activity_that_a_workflow_names_is_registered(tmp_path: Path) -> None:
    chosen = settings(tmp_path, **TEXTRACT)
    async with provider_activities(chosen) as activities:
        others = (*audit_activities(World()), *ocr_activities(chosen))
        served = names_of((*activities, *others))
    assert served == activities_named_by_workflows()
