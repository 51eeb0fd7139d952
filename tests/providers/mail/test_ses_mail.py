"""Mail through SES, against moto's SES and the refusals that SES documents."""

import email
import email.policy
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from config import Settings
from models import Mail
from providers.errors import (
    BadAddress,
    InvalidRequest,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.mail.ses import SesMail
from providers.records.sql import SqlRecords
from tests.providers.conftest import Answer

MAIL = Mail(
    idempotency_key="order-1:confirm", to="ada@example.com", subject="Grüße 茶", body="It left.\n"
)
SETTINGS = Settings(mail_from="Shop <shop@pipelines.example>", aws_region="eu-west-1")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set fake credentials, so that none of this machine's are used."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")


@pytest.fixture
async def sent(tmp_path: Path) -> AsyncIterator[SqlRecords]:
    """Yield empty sent-mail records."""
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    yield records
    await records.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the URL of moto's AWS."""
    # Imported here: every process of the suite collects this file, and this takes half a second.
    from moto.server import ThreadedMotoServer
    from moto.ses.models import ses_backends

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    server.stop()
    ses_backends.reset()


def verify_sender() -> None:
    """Verify our sender address at SES."""
    with closing(boto3.client("sesv2", region_name="eu-west-1")) as client:
        client.create_email_identity(EmailIdentity="shop@pipelines.example")


@pytest.mark.usefixtures("aws")
async def test_a_mail_is_sent_once_and_its_id_recorded(sent: SqlRecords) -> None:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    verify_sender()
    with closing(SesMail(SETTINGS, sent)) as provider:
        first = await provider.send(MAIL)
        assert await provider.send(MAIL) == first
    assert await sent.find(MAIL.idempotency_key) == first.message_id
    (stored,) = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    assert (stored.id, set(stored.destinations)) == (first.message_id, {"ada@example.com"})
    message = email.message_from_string(stored.raw_data, policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Grüße 茶")
    assert message.get_content().strip() == "It left."


@pytest.mark.usefixtures("aws")
async def test_a_sender_that_is_not_verified_is_an_invalid_request(sent: SqlRecords) -> None:
    with closing(SesMail(SETTINGS, sent)) as provider, pytest.raises(InvalidRequest):
        await provider.send(MAIL)
    assert await sent.find(MAIL.idempotency_key) is None


def ses_error(status: int, name: str, message: str = "m", wait: str | None = None) -> Answer:
    """Return an error in the format of SES."""
    headers = {"x-amzn-ErrorType": name} | ({"Retry-After": wait} if wait else {})
    return status, headers, json.dumps({"message": message}).encode()


NOT_VERIFIED = "Email address is not verified: ada@example.com"
ILLEGAL = "Domain of ada@example.com contains illegal character"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (ses_error(400, "BadRequestException", ILLEGAL), BadAddress),
        (ses_error(400, "MessageRejected", NOT_VERIFIED), InvalidRequest),
        (ses_error(400, "MailFromDomainNotVerifiedException"), InvalidRequest),
        (ses_error(403, "AccessDeniedException"), Unauthorized),
        (ses_error(400, "ExpiredTokenException"), Unauthorized),
        (ses_error(429, "TooManyRequestsException"), ProviderRateLimited),
        (ses_error(500, "InternalFailure"), ProviderUnavailable),
        ((502, {}, b"<html>Bad Gateway</html>"), ProviderUnavailable),
        ((200, {}, b"<html>log in to the hotel</html>"), UnexpectedAnswer),
        ((200, {}, b"{}"), UnexpectedAnswer),
    ],
)
async def test_each_bad_answer_is_an_error_of_the_right_kind_and_tells_no_address(
    answering: Callable[[Answer], str],
    monkeypatch: pytest.MonkeyPatch,
    sent: SqlRecords,
    answer: Answer,
    kind: type[ProviderError],
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", answering(answer))
    with closing(SesMail(SETTINGS, sent)) as provider, pytest.raises(ProviderError) as caught:
        await provider.send(MAIL)
    assert type(caught.value) is kind, caught.value
    assert "ada@example.com" not in str(caught.value)
    assert await sent.find(MAIL.idempotency_key) is None


async def test_a_named_wait_is_passed_on(
    answering: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch, sent: SqlRecords
) -> None:
    answer = ses_error(429, "TooManyRequestsException", wait="12")
    monkeypatch.setenv("AWS_ENDPOINT_URL", answering(answer))
    with closing(SesMail(SETTINGS, sent)) as provider, pytest.raises(ProviderRateLimited) as caught:
        await provider.send(MAIL)
    assert caught.value.retry_after_seconds == 12
