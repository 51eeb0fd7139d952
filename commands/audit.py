"""The command that compares what Temporal says with what every ledger holds. Changes nothing."""

import argparse

from temporalio.service import RPCError

from commands.audit_books import read_books
from commands.audit_rules import Audit, audit_books
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import connect, reached
from config import Settings
from workflows import wording


async def audit(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print one line a finding and then the sums; RUN_FAILED if there is any finding."""
    from providers.errors import ProviderError

    if settings.payment_provider != "http":
        raise CommandError(
            f"PAYMENT_PROVIDER is {settings.payment_provider}: only payments over the HTTP "
            "contract can be listed; use the provider's own reports"
        )
    client = await connect(settings)
    try:
        books = await reached(read_books(client, settings))
    except (ProviderError, RPCError) as error:
        raise CommandError(f"cannot audit: {error}", ExitCode.UNREACHABLE) from None
    audited = audit_books(books)
    for finding in audited.findings:
        output.result(
            {"finding": finding.kind, "about": finding.about, "words": finding.words},
            f"{finding.about}: {finding.words} ({finding.kind})",
        )
    output.result(audited.summary(), _in_words(audited))
    return ExitCode.RUN_FAILED if audited.findings else ExitCode.DONE


def _in_words(audited: Audit) -> str:
    lines = [
        f"{audited.orders} orders ({audited.open_orders} open), {audited.receipts} receipts "
        f"({audited.open_receipts} open), {audited.expenses} expenses: "
        f"{len(audited.findings)} findings"
    ]
    lines.extend(
        f"  {currency}: charged {wording.money(sums.charged, None)}, refunded "
        f"{wording.money(sums.refunded, None)}, due {wording.money(sums.due, None)}, with open "
        f"runs {wording.money(sums.with_open_runs, None)}"
        for currency, sums in sorted(audited.sums.items())
    )
    if audited.forgotten:
        lines.append(
            f"  {audited.forgotten} effects are older than Temporal remembers: not compared"
        )
    return "\n".join(lines)
