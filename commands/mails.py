"""Commands on mails that their runs could not send: who was not told, and telling again."""

import argparse
from dataclasses import asdict

from temporalio.client import Client

from commands.doer import acting
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from service import values
from service.calls import connect
from service.mails.again import tell_again
from service.mails.standing import MailStanding
from service.mails.untold import QUERY, untold
from service.over import archive_knows_end
from service.runs.find import list_link, run_link
from workflows import wording


async def list_untold(client: Client, kind: str | None, settings: Settings, output: Output) -> None:
    """List every mail that was not sent, of all runs or of one kind, newest first."""
    mails = [mail for mail in await untold(client) if mail.of.startswith(f"{kind or ''}")]
    for mail in mails:
        _show(client, mail, settings, output)
    advice = "; 'starter.py tell ID' tells again" if mails else ""
    link = list_link(settings, client, QUERY)
    output.note(f"{len(mails)} not told{advice}; in the Temporal UI: {link}")


def _show(client: Client, mail: MailStanding, settings: Settings, output: Output) -> None:
    link = run_link(settings, client, mail.workflow_id, mail.run_id)
    words = (
        f"{mail.of}: nobody was told {wording.what_is_told(mail.step)}",
        mail.words(),
        f"{mail.workflow_id}, since {wording.moment(mail.started_at)}",
        link,
    )
    output.result({**as_json(mail), "ui": link}, words[0], *(f"  {one}" for one in words[1:]))


def as_json(mail: MailStanding) -> dict[str, object]:
    """Return a mail as programs get it: ``workflow_id`` is the run's, ``mail`` its own."""
    known = asdict(mail)
    return {"workflow_id": known.pop("of"), "mail": known.pop("workflow_id"), **known}


async def tell(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Send the mails now that a run could not send."""
    to = values.given(values.email, args.to, "--to")
    client = await connect(settings)
    async with (
        archive_knows_end(settings, args.id, "told of again"),
        acting(settings.user_id, settings, output) as doer,
    ):
        mails = await tell_again(client, args.id, to, doer)
    for told in mails:
        link = run_link(settings, client, told.workflow_id, None)
        because = f" (not sent so far: {told.reason})" if told.reason else ""
        output.result(
            {
                "workflow_id": told.of,
                "mail": told.workflow_id,
                "verdict": told.verdict,
                "reason": told.reason,
                "ui": link,
            },
            f"{told.workflow_id}: {told.verdict}{because}",
            f"  {link}",
        )
    return ExitCode.DONE
