"""The mailbox: an acknowledged mail is a complete file, and the magic addresses work."""

import asyncio
import email
import email.policy
import json
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from config import ROOT
from sandbox.mailbox import list_mails, main, start_mailbox


@asynccontextmanager
async def mailbox(folder: Path) -> AsyncIterator[int]:
    """Yield the port of a mailbox."""
    server = await start_mailbox("127.0.0.1", 0, folder)
    yield server.sockets[0].getsockname()[1]
    server.close()


def letter(to: str, subject: str = "Hello", message_id: str = "<1@example.com>") -> EmailMessage:
    """Return a small mail."""
    mail = EmailMessage()
    mail["From"] = "shop@example.com"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail["Date"] = "Sat, 28 Feb 2026 09:00:00 +0000"
    mail.set_content("Grüße\n.\n..two dots\n")
    return mail


def post(port: int, mail: EmailMessage) -> None:
    """Send a mail as any client would."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=60) as client:
        client.send_message(mail)


async def test_an_acknowledged_mail_is_a_file_that_any_mail_program_reads(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        await asyncio.to_thread(post, port, letter("ada@example.com", "Ihre Quittung für Café"))
    (stored,) = list_mails(tmp_path)
    assert (stored.to, stored.subject) == ("ada@example.com", "Ihre Quittung für Café")
    assert (stored.message_id, stored.date) == ("<1@example.com>", "2026-02-28T09:00:00+00:00")
    mail = email.message_from_bytes(Path(stored.file).read_bytes(), policy=email.policy.default)
    assert mail["Delivered-To"] == "ada@example.com"
    assert mail.get_content().splitlines() == ["Grüße", ".", "..two dots"]


async def test_mails_are_listed_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        for subject in ("first", "second", "third"):
            await asyncio.to_thread(post, port, letter("zoe@example.com", subject))
            await asyncio.to_thread(post, port, letter("ada@example.com", subject))
    assert [mail.subject for mail in list_mails(tmp_path)][::2] == ["first", "second", "third"]


async def test_the_same_mail_twice_is_there_twice(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        await asyncio.gather(
            *(asyncio.to_thread(post, port, letter("ada@example.com")) for _ in range(5))
        )
    assert [mail.message_id for mail in list_mails(tmp_path)] == ["<1@example.com>"] * 5


async def test_an_address_cannot_name_a_file_outside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mailbox"
    async with mailbox(folder) as port:
        await asyncio.to_thread(post, port, letter("../../../etc/cron.d/x@example.com"))
    (stored,) = list_mails(folder)
    assert Path(stored.file).parent == folder
    assert list(tmp_path.iterdir()) == [folder]


async def test_a_mail_with_headers_that_nobody_can_read_is_kept_and_listed(tmp_path: Path) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.sendmail("a@b.example", ["c@d.example"], b"Date: soon\r\n\xff\xfe\r\n\r\nhi")

    async with mailbox(tmp_path) as port:
        await asyncio.to_thread(send)
    (stored,) = list_mails(tmp_path)
    assert (stored.message_id, stored.subject, stored.date) == ("", "", "")


async def test_a_disk_that_refuses_is_no_reason_to_lose_the_mail(tmp_path: Path) -> None:
    folder = tmp_path / "mailbox"
    async with mailbox(folder) as port:
        (folder / ".counts").rmdir()
        folder.rmdir()
        with pytest.raises(smtplib.SMTPDataError) as caught:
            await asyncio.to_thread(post, port, letter("ada@example.com"))
    assert caught.value.smtp_code == 451


async def refusal(port: int, to: str) -> int | None:
    """Return the reply code that refuses the recipient, or None."""
    try:
        await asyncio.to_thread(post, port, letter(to))
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients[to][0]
    return None


async def test_bounce_is_refused_for_good(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        assert [await refusal(port, "bounce@example.com") for _ in range(2)] == [550, 550]
    assert list_mails(tmp_path) == []


async def test_greylist_counts_each_address_also_over_a_restart(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        assert await refusal(port, "greylist-2@example.com") == 451
        assert await refusal(port, "greylist-1@example.com") == 451
    async with mailbox(tmp_path) as port:
        assert await refusal(port, "greylist-2@example.com") == 451
        assert await refusal(port, "greylist-2@example.com") is None
        assert await refusal(port, "greylist-1@example.com") is None
    assert len(list_mails(tmp_path)) == 2


async def test_drop_accepts_the_mail_and_loses_the_answer_once_per_message(tmp_path: Path) -> None:
    async with mailbox(tmp_path) as port:
        for message_id in ("<1@example.com>", "<2@example.com>"):
            mail = letter("drop@example.com", message_id=message_id)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                await asyncio.to_thread(post, port, mail)
    async with mailbox(tmp_path) as port:
        await asyncio.to_thread(post, port, letter("drop@example.com"))
    expected = ["<1@example.com>", "<2@example.com>", "<1@example.com>"]
    assert [mail.message_id for mail in list_mails(tmp_path)] == expected


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_program_it_says_where_it_is_and_ends_with_0(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "sandbox.mailbox", "--port", "0", "--host", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--folder", str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found is not None
        post(int(found[1]), letter("ada@example.com"))
        process.send_signal(number)
    assert process.returncode == 0
    assert len(list_mails(tmp_path)) == 1


async def test_a_taken_port_ends_with_2_and_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with mailbox(tmp_path) as port:
        arguments = ["--host", "127.0.0.1", "--port", str(port), "--folder", str(tmp_path)]
        assert await asyncio.to_thread(main, arguments) == 2
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


async def test_the_listing_is_for_people_or_one_json_object_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with mailbox(tmp_path) as port:
        await asyncio.to_thread(post, port, letter("ada@example.com", "Zażółć\U0001f600"))
    assert main(["--list", "--folder", str(tmp_path)]) == 0
    assert "Zażółć\U0001f600" in capsys.readouterr().out
    assert main(["--list", "--json", "--folder", str(tmp_path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["subject"] == "Zażółć\U0001f600"


def test_the_listing_of_a_folder_that_is_not_there_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--list", "--folder", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == ""
