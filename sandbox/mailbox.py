"""The local mailbox: an SMTP server that writes every mail to a file that a person can open.

    python -m sandbox.mailbox [--host HOST] [--port PORT] [--folder FOLDER]
    python -m sandbox.mailbox --list [--json] [--folder FOLDER]

A mail is on the disk before the sender hears 250, so that no acknowledged mail is lost, and a
mail that came twice is there twice: the mailbox hides no sender's mistake. Some addresses
provoke what real servers do:

===================== ======================================================================
recipient             what the server does
===================== ======================================================================
``bounce@...``        refuses the address for good: 550
``greylist-N@...``    says "try again later" (451) N times for this address, then takes mail
``drop@...``          takes the mail, then drops the connection instead of answering; once
                      for each Message-ID
===================== ======================================================================

What it counts for them survives a restart, in ``FOLDER/.counts``.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import email.policy
import hashlib
import json
import logging
import os
import re
import secrets
import signal
import sys
from dataclasses import asdict, dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from config import Settings
from lifecycle import keep_files_private

_PARSER = BytesHeaderParser(policy=email.policy.default)


@dataclass(frozen=True)
class StoredMail:
    """One mail in the mailbox, as its headers say; ``date`` is ISO 8601 with its offset."""

    message_id: str
    to: str
    subject: str
    date: str
    file: str


def list_mails(folder: Path) -> list[StoredMail]:
    """Return all mails in the order in which they came; an absent folder holds none."""
    return [_stored_mail(file) for file in sorted(folder.glob("*.eml"))]


async def start_mailbox(host: str, port: int, folder: Path) -> asyncio.Server:
    """Start a server that writes mail to the folder; port 0 takes a free one (see ``sockets``)."""
    (folder / ".counts").mkdir(parents=True, exist_ok=True)
    mailbox = _Mailbox(folder)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        # Without a host name aiosmtpd would ask the name servers for it.
        lambda: SMTP(mailbox, hostname="mailbox.localhost", enable_SMTPUTF8=True, loop=loop),
        host,
        port,
    )


class _Mailbox:
    """What aiosmtpd asks for each recipient and each mail; it fixes the names and arguments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        local_part = address.partition("@")[0].lower()
        if local_part == "bounce":
            return "550 5.1.1 No such user here"
        greylist = re.fullmatch(r"greylist-(\d{1,4})", local_part)
        if greylist and self._count(f"greylist {address}") < int(greylist[1]):
            self._count_one(f"greylist {address}")
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        await asyncio.to_thread(_write, self._folder, envelope, content)
        if any(address.lower().startswith("drop@") for address in envelope.rcpt_tos):
            message_id = _PARSER.parsebytes(content).get("Message-ID", "")
            if not self._count(f"drop {message_id}"):
                self._count_one(f"drop {message_id}")
                _abort(server)
        return "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        logging.getLogger(__name__).error("mail not taken", exc_info=error)
        return "451 4.3.0 Mail not taken, try again later"

    def _count(self, what: str) -> int:
        with contextlib.suppress(FileNotFoundError):
            return int(self._counter(what).read_text())
        return 0

    def _count_one(self, what: str) -> None:
        _write_whole(self._counter(what), str(self._count(what) + 1).encode())

    def _counter(self, what: str) -> Path:
        return self._folder / ".counts" / hashlib.sha256(what.encode()).hexdigest()


def _abort(server: SMTP) -> None:
    transport = server.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    raise ConnectionResetError("dropped on purpose, for drop@")


def _write(folder: Path, envelope: Envelope, content: bytes) -> None:
    """Write one mail, whole or not at all."""
    recipient = re.sub(r"[^A-Za-z0-9.-]+", "_", envelope.rcpt_tos[0])[:60]
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    file = folder / f"{moment}-{recipient}-{secrets.token_hex(3)}.eml"
    # The envelope, as RFC 5321, section 4.4 and common usage write it down on final delivery.
    lines = [f"Return-Path: <{envelope.mail_from or ''}>"]
    lines += [f"Delivered-To: {address}" for address in envelope.rcpt_tos]
    head = "".join(f"{line}\r\n" for line in lines)
    _write_whole(file, head.encode() + content)


def _write_whole(file: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old or the new one, never half of it."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(3)}")
    with unfinished.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _stored_mail(file: Path) -> StoredMail:
    with file.open("rb") as stream:
        mail = _PARSER.parse(stream)
    return StoredMail(
        message_id=str(mail.get("Message-ID", "")),
        to=str(mail.get("To", "")),
        subject=str(mail.get("Subject", "")),
        date=_date(mail),
        file=str(file),
    )


def _date(mail: Message) -> str:
    try:
        return parsedate_to_datetime(str(mail.get("Date", ""))).isoformat()
    except ValueError:
        return ""


async def _serve(host: str, port: int, folder: Path) -> None:
    server = await start_mailbox(host, port, folder)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    address = server.sockets[0].getsockname()
    sys.stdout.write(f"mailbox: SMTP on {address[0]}:{address[1]}, mails in {folder}\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()


def _list(folder: Path, *, as_json: bool) -> None:
    for mail in list_mails(folder):
        if as_json:
            line = json.dumps(asdict(mail), ensure_ascii=False)
        else:
            line = f"{mail.date:<25}  {mail.to:<30}  {mail.subject}\n    {mail.file}"
        sys.stdout.write(line + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C, or list what is there. Return the exit code.

    0: done; 2: the address cannot be listened on, or bad usage.
    """
    settings = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.mailbox",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default=settings.smtp_host)
    parser.add_argument("--port", type=int, default=settings.smtp_port)
    parser.add_argument("--folder", type=Path, default=settings.state_dir / "mailbox")
    parser.add_argument("--list", action="store_true", help="list the mails instead of serving")
    parser.add_argument("--json", action="store_true", help="with --list: one JSON object a line")
    options = parser.parse_args(arguments)
    if options.list:
        _list(options.folder, as_json=options.json)
        return 0
    try:
        asyncio.run(_serve(options.host, options.port, options.folder))
    except OSError as error:
        sys.stderr.write(f"mailbox: cannot serve {options.host}:{options.port}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    keep_files_private()
    sys.exit(main())
