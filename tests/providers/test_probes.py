"""What asks each provider: what it says of one that is well, refuses us, or is away.

Nothing is left behind where it asked.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config import Settings
from probes import probes
from providers.errors import (
    InvalidRequest,
    LanguageModelMisconfigured,
    ProviderError,
    ProviderUnavailable,
    StorageUnavailable,
    Unauthorized,
    Unfit,
)
from providers.object_store.s3 import s3_client
from sandbox.mailbox import list_mails, start_mailbox
from sandbox.stack import free_ports
from tests.providers.conftest import S3_KEY_ID, S3_SECRET, Answer
from tests.providers.mail.test_smtp_mail import WITH_LOGIN, scripted, smtp_settings
from tests.support.provider_api_server import API_KEY, sandbox_api

Start = Callable[[Answer], str]


Values = Mapping[str, object]


async def asked(name: str, values: Values, *, is_thorough: bool = True) -> str:
    """Return what the probe of a part says with these settings."""
    settings = Settings.model_validate(values)
    return await probes(settings, is_thorough=is_thorough)[name]()


async def refusal(
    kind: type[ProviderError], name: str, values: Values, *, is_thorough: bool = True
) -> str:
    """Return what the probe of a part raises, which is of this kind and no other."""
    with pytest.raises(ProviderError) as raised:
        await asked(name, values, is_thorough=is_thorough)
    assert type(raised.value) is kind, raised.value
    return str(raised.value)


# --- the bucket -------------------------------------------------------------------------------


def bucket_at(url: str, **changed: object) -> dict[str, object]:
    keys = {"s3_access_key_id": S3_KEY_ID, "s3_secret_access_key": S3_SECRET}
    return {"s3_endpoint_url": url, "s3_bucket": "probed", **keys, **changed}


@pytest.fixture
def bucket(s3_endpoint: str) -> Iterator[dict[str, object]]:
    """Yield the settings of an empty bucket; fail if anything is in it afterwards."""
    name = f"probed-{uuid.uuid4().hex}"
    settings = bucket_at(s3_endpoint, s3_bucket=name)
    with closing(s3_client(Settings.model_validate(settings), attempts=1)) as client:
        client.create_bucket(Bucket=name)
        yield settings
        assert client.list_objects_v2(Bucket=name).get("Contents", []) == []


@pytest.mark.parametrize(
    ("is_thorough", "said"),
    [(True, ": put, get and delete; clocks "), (False, " answers")],
)
async def test_a_bucket_that_can_be_used(
    bucket: dict[str, object], is_thorough: bool, said: str
) -> None:
    answer = await asked("bucket", bucket, is_thorough=is_thorough)

    assert answer.startswith(f"{bucket['s3_bucket']}{said}")


@pytest.mark.parametrize("is_thorough", [True, False])
async def test_a_bucket_that_does_not_exist_is_not_created(
    s3_endpoint: str, is_thorough: bool
) -> None:
    settings = bucket_at(s3_endpoint, s3_bucket="later")

    said = await asked("bucket", settings, is_thorough=is_thorough)

    assert said == "later does not exist yet: the first receipt creates it"
    with closing(s3_client(Settings.model_validate(settings), attempts=1)) as client:
        assert "later" not in [one["Name"] for one in client.list_buckets()["Buckets"]]


@pytest.mark.parametrize("is_thorough", [True, False])
async def test_a_bucket_whose_keys_are_wrong(s3_endpoint: str, is_thorough: bool) -> None:
    settings = bucket_at(s3_endpoint, s3_secret_access_key="not-the-secret")

    assert "check the key id" in await refusal(
        Unauthorized, "bucket", settings, is_thorough=is_thorough
    )


@pytest.mark.parametrize("is_thorough", [True, False])
async def test_a_bucket_that_is_away(is_thorough: bool) -> None:
    settings = bucket_at(f"http://127.0.0.1:{free_ports(1)[0]}")

    await refusal(StorageUnavailable, "bucket", settings, is_thorough=is_thorough)


async def test_who_may_read_but_not_list_is_no_fault(answering: Start) -> None:
    denied = b"<Error><Code>AccessDenied</Code><Message>m</Message></Error>"
    settings = bucket_at(answering((403, {}, denied)))

    assert (
        await asked("bucket", settings, is_thorough=False)
        == "probed answers, and lets us list nothing"
    )
    await refusal(Unauthorized, "bucket", settings)


def test_a_clock_that_is_wrong() -> None:
    from providers.object_store import s3_probe

    two_minutes_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(two_minutes_ago)}}}
    with pytest.raises(Unfit, match=r"are 12\d s apart: set this machine's"):
        s3_probe._checked_clock(answer)


# --- orders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["payment", "inventory", "shipping"])
async def test_the_api_of_orders(tmp_path: Path, name: str) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, _):
        settings = {"provider_api_url": url, "provider_api_key": API_KEY}
        said = await asked(name, settings)
        refused = await refusal(Unauthorized, name, {**settings, "provider_api_key": "wrong"})
    away = await refusal(ProviderUnavailable, name, settings)

    assert said == f"{url} knows the key"
    assert refused.endswith("the API key is refused")
    assert url in away


async def test_a_password_in_a_url_is_not_repeated(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, _):
        with_user = url.replace("//", "//ada:hush@")
        said = await asked("payment", {"provider_api_url": with_user, "provider_api_key": API_KEY})

    assert said == f"{url} knows the key"


async def test_stripe(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, _):
        settings = {
            "payment_provider": "stripe",
            "stripe_api_url": url,
            "stripe_api_key": API_KEY,
        }
        said = await asked("payment", settings)
        await refusal(Unauthorized, "payment", {**settings, "stripe_api_key": "sk_wrong"})
    await refusal(ProviderUnavailable, "payment", settings)

    assert said == f"Stripe at {url} knows the key"


# --- mail -------------------------------------------------------------------------------------


async def test_a_mail_server_gets_no_mail(tmp_path: Path) -> None:
    folder = tmp_path / "mailbox"
    server = await start_mailbox("127.0.0.1", 0, folder)
    host, port = server.sockets[0].getsockname()

    said = await asked("mail", {"smtp_host": host, "smtp_port": port})

    assert said == f"{host}:{port}, SMTP_TLS=none, without login"
    assert list_mails(folder) == []
    server.close()


@pytest.mark.parametrize(
    ("answers", "overrides", "kind", "says"),
    [
        ({"AUTH": "535 5.7.8 wrong password"}, WITH_LOGIN, Unauthorized, "check SMTP_USERNAME"),
        ({"CONNECT": "421 busy"}, {}, ProviderUnavailable, "421 busy"),
        ({}, {"smtp_tls": "starttls"}, Unfit, "does not speak SMTP_TLS=starttls"),
        ({}, {"smtp_tls": "tls"}, Unfit, "does not speak SMTP_TLS=tls"),
    ],
    ids=["login", "busy", "no STARTTLS", "no TLS"],
)
async def test_a_mail_server_that_cannot_be_used(
    answers: dict[str, str], overrides: dict[str, str], kind: type[ProviderError], says: str
) -> None:
    async with scripted(answers) as server:
        settings = smtp_settings(server, **overrides)
        with pytest.raises(ProviderError) as raised:
            await probes(settings, is_thorough=True)["mail"]()

    assert type(raised.value) is kind, raised.value
    assert says in str(raised.value)
    assert "hidden-word" not in str(raised.value)


# --- what reads receipts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "openai: tiny-1 answers"),
        (404, "openai: tiny-1 is not listed by its endpoint, which answers"),
        (401, LanguageModelMisconfigured),
        (503, ProviderUnavailable),
    ],
)
async def test_a_language_model_is_asked_for_and_not_used(
    status: int, expected: str | type[ProviderError]
) -> None:
    requests: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(f"{request.method} {request.path}")
        model = {"id": "tiny-1", "object": "model", "created": 1, "owned_by": "us"}
        return web.json_response(model, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        settings = {
            "openai_base_url": str(server.make_url("/v1")),
            "openai_api_key": "sk-hidden-word",
            "openai_model": "tiny-1",
        }
        if isinstance(expected, str):
            assert await asked("parser", settings) == expected
        else:
            assert "hidden-word" not in await refusal(expected, "parser", settings)

    assert requests == ["GET /v1/models/tiny-1"]


async def test_the_embedded_parts_need_nobody() -> None:
    assert await asked("parser", {"receipt_parser": "rules"}) == "the rules need nobody"
    assert await asked("ocr", {}, is_thorough=False) == "the embedded engine is installed"


async def test_the_embedded_engine_reads() -> None:
    assert await asked("ocr", {}) == "the embedded engine reads"


async def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from providers.ocr import probe

    monkeypatch.setattr(probe, "find_spec", lambda name: None if name == "openvino" else object())
    assert "the package openvino is missing" in await refusal(Unfit, "ocr", {}, is_thorough=False)


@pytest.fixture
def aws(answering: Start, monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    """Return what makes AWS answer like this."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    return lambda answer: monkeypatch.setenv("AWS_ENDPOINT_URL", answering(answer))


ON_AWS = {"aws_region": "eu-west-1", "mail_provider": "ses", "ocr_engine": "textract"}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (b'{"SendingEnabled": true, "ProductionAccessEnabled": true}', "SES may send"),
        (b'{"SendingEnabled": true}', "SES, in its sandbox: only verified addresses get mail"),
        (b'{"SendingEnabled": false}', Unfit),
    ],
)
async def test_ses(
    aws: Callable[[Answer], None], account: bytes, expected: str | type[ProviderError]
) -> None:
    aws((200, {"Content-Type": "application/json"}, account))
    if isinstance(expected, str):
        assert await asked("mail", ON_AWS) == expected
    else:
        assert "paused" in await refusal(expected, "mail", ON_AWS)


async def test_credentials_of_aws(aws: Callable[[Answer], None]) -> None:
    xml = {"Content-Type": "text/xml"}
    arn = "arn:aws:iam::123456789012:user/ocr"
    known = f"<R><GetCallerIdentityResult><Arn>{arn}</Arn></GetCallerIdentityResult></R>"
    aws((200, xml, known.encode()))
    assert await asked("ocr", ON_AWS) == f"AWS knows us as {arn}"

    aws((403, xml, b"<R><Error><Code>InvalidClientTokenId</Code></Error></R>"))
    await refusal(Unauthorized, "ocr", ON_AWS)


async def test_what_the_bucket_calls_a_bad_request_is_no_outage(answering: Start) -> None:
    invalid = b"<Error><Code>InvalidBucketName</Code><Message>m</Message></Error>"
    await refusal(InvalidRequest, "bucket", bucket_at(answering((400, {}, invalid))))
