"""Mail through SMTP, to the local mailbox and to servers with the failures of real ones."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import patch

import pytest

from config import Settings
from models import Mail
from providers.errors import (
    BadAddress,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    Unauthorized,
)
from providers.mail.smtp import SmtpMail
from providers.records.sql import SqlRecords
from sandbox.mailbox import list_mails, start_mailbox


def mail(to: str = "ada@example.com", key: str = "order-1:confirm", subject: str = "Hi") -> Mail:
    """Return a mail with an idempotency key."""
    return Mail(idempotency_key=key, to=to, subject=subject, body="Your order left.\nBye\n")


@pytest.fixture
async def sent(tmp_path: Path) -> AsyncIterator[SqlRecords]:
    """Yield empty sent-mail records."""
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    yield records
    await records.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the mailbox's folder."""
    return tmp_path / "mailbox"


@pytest.fixture
async def settings(folder: Path) -> AsyncIterator[Settings]:
    """Yield settings for a running mailbox."""
    server = await start_mailbox("127.0.0.1", 0, folder)
    yield smtp_settings(server)
    server.close()


def smtp_settings(server: asyncio.Server, **overrides: object) -> Settings:
    """Return settings for this server."""
    host, port = server.sockets[0].getsockname()
    values = {"smtp_host": host, "smtp_port": port, "mail_from": "Shop <shop@pipelines.example>"}
    return Settings.model_validate(values | overrides)


def received(folder: Path) -> list[EmailMessage]:
    """Return all mails in the mailbox, parsed."""
    return [
        email.message_from_bytes(Path(stored.file).read_bytes(), policy=email.policy.default)
        for stored in list_mails(folder)
    ]


def text_of(message: EmailMessage) -> str:
    """Return the text with the line ends that it had before SMTP changed them."""
    return str(message.get_content()).replace("\r\n", "\n")


async def test_a_mail_arrives_as_plain_text(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    body = "Grüße aus Łódź 🧾\n" + "a long line " * 200 + "\n"
    request = mail(subject="Bestellung 茶 unterwegs").model_copy(update={"body": body})
    await SmtpMail(settings, sent).send(request)
    (message,) = received(folder)
    assert message["To"] == message["Delivered-To"] == "ada@example.com"
    assert message["From"] == "Shop <shop@pipelines.example>"
    assert message["Return-Path"] == "<shop@pipelines.example>"
    assert message["Subject"] == "Bestellung 茶 unterwegs"
    assert message.get_content_type() == "text/plain"
    assert text_of(message) == body


async def test_a_mail_on_record_is_not_sent_again(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    first = await SmtpMail(settings, sent).send(mail())
    again = await SmtpMail(settings, sent).send(mail())
    assert again == first
    assert [one.message_id for one in list_mails(folder)] == [first.message_id]


async def test_another_key_is_another_mail(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    provider = SmtpMail(settings, sent)
    await provider.send(mail(key="order-1:confirm"))
    await provider.send(mail(key="order-2:confirm"))
    first, second = received(folder)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Resend-Idempotency-Key"] != second["Resend-Idempotency-Key"]


async def test_a_mail_whose_answer_was_lost_comes_again_under_the_same_message_id(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    provider = SmtpMail(settings, sent)
    with pytest.raises(ProviderUnavailable):
        await provider.send(mail("drop@example.com"))
    answer = await provider.send(mail("drop@example.com"))
    assert [one.message_id for one in list_mails(folder)] == [answer.message_id] * 2
    assert answer.message_id.endswith("@pipelines.example>")


async def test_a_sent_mail_that_cannot_be_recorded_is_no_failure(
    settings: Settings, sent: SqlRecords, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(sent, "add", side_effect=ProviderUnavailable("disk full")):
        await SmtpMail(settings, sent).send(mail())
    assert len(list_mails(folder)) == 1
    assert "order-1:confirm was sent but could not be recorded" in caplog.text


async def test_without_readable_records_no_mail_is_sent(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.db").write_text("no database at all" * 50)
    records = SqlRecords(f"sqlite:///{tmp_path / 'broken.db'}")
    with pytest.raises(ProviderUnavailable):
        await SmtpMail(settings, records).send(mail())
    assert list_mails(folder) == []
    await records.close()


async def test_text_from_outside_cannot_add_headers_or_recipients(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    subject = "Receipt from Evil\r\nBcc: all@example.com\r\n\r\n\x00\x1b[31m\ud800 Inc"
    await SmtpMail(settings, sent).send(mail(subject=subject))
    (message,) = received(folder)
    assert message["Bcc"] is None
    assert message["Subject"] == "Receipt from Evil Bcc: all@example.com [31m Inc"
    assert text_of(message) == "Your order left.\nBye\n"


async def test_the_longest_address_and_a_long_subject_arrive_whole(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    address = "a" * 64 + "@" + ".".join(["d" * 58] * 3) + ".example"
    subject = "A merchant with a very long name " * 12
    await SmtpMail(settings, sent).send(mail(address, subject=subject))
    (message,) = received(folder)
    assert (message["Delivered-To"], message["To"]) == (address, address)
    assert message["Subject"] == subject.strip()


async def test_a_refused_address_is_a_bad_address_and_masked(
    settings: Settings, sent: SqlRecords
) -> None:
    with pytest.raises(BadAddress, match="550"):
        await SmtpMail(settings, sent).send(mail("bounce@example.com"))
    assert await sent.find("order-1:confirm") is None


async def test_a_greylisted_address_is_worth_trying_again(
    settings: Settings, sent: SqlRecords, folder: Path
) -> None:
    provider = SmtpMail(settings, sent)
    with pytest.raises(ProviderUnavailable, match="451"):
        await provider.send(mail("greylist-1@example.com"))
    await provider.send(mail("greylist-1@example.com"))
    assert len(list_mails(folder)) == 1


SILENCE = "(waits until the client has gone)"
HANG_UP = "(closes the connection)"


@asynccontextmanager
async def scripted(answers: dict[str, str]) -> AsyncIterator[asyncio.Server]:
    """Yield an SMTP server with scripted answers, and success for all other commands."""
    polite = {"CONNECT": "220 hi", "EHLO": "250-hi\r\n250 AUTH PLAIN", "DATA": "354 go"} | answers
    conversations: list[asyncio.Task[None]] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = "CONNECT"
        while command and (answer := polite.get(command, "250 ok")) != HANG_UP:
            if answer == SILENCE:
                await reader.read()
                break
            writer.write(answer.encode() + b"\r\n")
            if command == "DATA" and answer.startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                command = "END"
            else:
                command = (await reader.readline()).decode().split(" ")[0].strip().upper()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, UnicodeDecodeError):
            await converse(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(
        lambda *streams: conversations.append(asyncio.ensure_future(serve(*streams))),
        "127.0.0.1",
        0,
    )
    yield server
    server.close()
    await asyncio.gather(*conversations)


WITH_LOGIN = {"smtp_username": "ada", "smtp_password": "hidden-word"}
REFUSED = "<ada@example.com>: refused, says ada@example.com"


@pytest.mark.parametrize(
    ("answers", "overrides", "kind"),
    [
        ({"CONNECT": "421 busy"}, {}, ProviderUnavailable),
        ({"CONNECT": HANG_UP}, {}, ProviderUnavailable),
        ({"CONNECT": "HTTP/1.1 400 Bad Request"}, {}, ProviderUnavailable),
        ({"AUTH": "535 5.7.8 wrong password"}, WITH_LOGIN, Unauthorized),
        ({"AUTH": "454 4.7.0 try later"}, WITH_LOGIN, ProviderUnavailable),
        ({"MAIL": "530 5.7.0 log in first"}, {}, Unauthorized),
        ({"MAIL": f"550 {REFUSED}"}, {}, InvalidRequest),
        ({"RCPT": f"550 {REFUSED}"}, {}, BadAddress),
        ({"RCPT": f"551 {REFUSED}"}, {}, BadAddress),
        ({"RCPT": f"553 {REFUSED}"}, {}, BadAddress),
        ({"RCPT": f"501 {REFUSED}"}, {}, BadAddress),
        ({"RCPT": f"554 {REFUSED}"}, {}, InvalidRequest),
        ({"RCPT": f"450 {REFUSED}"}, {}, ProviderUnavailable),
        ({"DATA": f"451 {REFUSED}"}, {}, ProviderUnavailable),
        ({"END": f"550 {REFUSED}"}, {}, BadAddress),
        ({"END": f"554 {REFUSED}"}, {}, InvalidRequest),
        ({"END": HANG_UP}, {}, ProviderUnavailable),
        ({}, {"smtp_tls": "starttls"}, ProviderUnavailable),
        ({}, {"smtp_tls": "tls"}, ProviderUnavailable),
    ],
)
async def test_each_bad_answer_is_an_error_of_the_right_kind_and_tells_no_address(
    sent: SqlRecords, answers: dict[str, str], overrides: dict[str, str], kind: type[ProviderError]
) -> None:
    async with scripted(answers) as server:
        provider = SmtpMail(smtp_settings(server, **overrides), sent)
        with pytest.raises(ProviderError) as caught:
            await provider.send(mail())
    assert type(caught.value) is kind, caught.value
    assert "ada@example.com" not in str(caught.value)
    assert "hidden-word" not in str(caught.value)
    assert await sent.find("order-1:confirm") is None


async def test_a_mail_counts_as_sent_even_if_quit_fails(sent: SqlRecords) -> None:
    async with scripted({"QUIT": HANG_UP}) as server:
        answer = await SmtpMail(smtp_settings(server), sent).send(mail())
    assert await sent.find("order-1:confirm") == answer.message_id


async def test_a_server_that_never_answers_is_unavailable(
    sent: SqlRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.mail.smtp._SECONDS_A_COMMAND", 0.05)
    async with scripted({"CONNECT": SILENCE}) as server:
        with pytest.raises(ProviderUnavailable):
            await SmtpMail(smtp_settings(server), sent).send(mail())


async def test_nobody_listening_is_unavailable_and_the_address_tried_is_named(
    sent: SqlRecords,
) -> None:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=1)
    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1:1"):
        await SmtpMail(settings, sent).send(mail())
