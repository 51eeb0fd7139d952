"""The command that compares what Temporal says with what every ledger holds. Changes nothing."""

import argparse

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from service.audit.report import audit as compare
from service.audit.rules import Audit
from service.calls import connect
from workflows import wording


async def audit(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print one line a finding and then the sums; RUN_FAILED if there is any finding."""
    audited = await compare(await connect(settings), settings)
    for finding in audited.findings:
        output.result(
            {"finding": finding.kind, "about": finding.about, "words": finding.words},
            f"{finding.about}: {finding.words} ({finding.kind})",
        )
    output.result(audited.summary(), *_in_words(audited))
    return ExitCode.RUN_FAILED if audited.findings else ExitCode.DONE


def _in_words(audited: Audit) -> list[str]:
    lines = [
        f"{audited.orders} orders ({audited.open_orders} open), {audited.receipts} receipts "
        f"({audited.open_receipts} open), {audited.expenses} expenses, "
        f"{audited.untold} not told by mail ({audited.open_mails} still tried): "
        f"{len(audited.findings)} findings"
    ]
    lines.extend(
        "  "
        + ", ".join(
            f"{what} {wording.money(amount, currency)}"
            for what, amount in (
                ("charged", sums.charged),
                ("refunded", sums.refunded),
                ("due", sums.due),
                ("with open runs", sums.with_open_runs),
            )
        )
        for currency, sums in sorted(audited.sums.items())
    )
    if audited.edited_expenses or audited.deleted_expenses:
        lines.append(
            f"  {audited.edited_expenses} of the expenses were edited since, "
            f"{audited.deleted_expenses} deleted"
        )
    if audited.archived_orders:
        lines.append(f"  {audited.archived_orders} of the orders are known by the archive alone")
    if audited.forgotten:
        lines.append(
            f"  {audited.forgotten} effects are older than Temporal remembers, of orders that are "
            "not archived: not compared"
        )
    return lines
