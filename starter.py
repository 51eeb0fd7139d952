"""What a person types: start runs, watch them, decide, correct, list.

Exit codes: 0 done; 1 the run failed; 2 bad input or usage; 3 Temporal or a provider could not
be reached. Heavy imports wait until a command needs them, so that ``--help`` answers at once.
"""

import argparse
import asyncio
import importlib
import logging
import sys

from lifecycle import leave

COMMANDS_EPILOG = """\
exit codes: 0 done; 1 the run failed; 2 bad input or usage; 3 Temporal or a provider could not
be reached. An ID is a workflow id (order-7) or the order's or receipt's own id (7).
"""


def build_parser() -> argparse.ArgumentParser:
    """Build the command line; each command names the function that runs it."""
    parser = argparse.ArgumentParser(
        prog="starter.py",
        description="Start receipts and orders, watch them, and decide what waits for a person.",
        epilog=COMMANDS_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, runs: str, what: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=what, description=what)
        added.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
        added.set_defaults(runs=runs)
        return added

    receipt = command("receipt", "receipt:receipt", "store receipt photos and start their runs")
    kinds = "JPEG, PNG, WebP, TIFF, HEIC or PDF"
    receipt.add_argument("files", nargs="+", metavar="FILE", help=kinds)
    receipt.add_argument("--user", help="whose receipts they are")
    receipt.add_argument("--notify", metavar="MAIL", help="who is told when an expense is saved")
    receipt.add_argument("--wait", action="store_true", help="follow each run to its end")

    order = command("order", "order:order", "start orders")
    orders = "an order as JSON, or many, one a line (JSON Lines); - reads standard input"
    order.add_argument("files", nargs="+", metavar="FILE", help=orders)
    order.add_argument("--wait", action="store_true", help="follow each run to its end")

    def about_run(name: str, runs: str, what: str) -> argparse.ArgumentParser:
        added = command(name, runs, what)
        added.add_argument("id", metavar="ID", help="workflow id, order id or receipt id")
        return added

    about_run("status", "listing:status", "show where a run stands")
    for name, what in (("approve", "approve an order"), ("reject", "reject an order")):
        decision = about_run(name, f"order:{name}", f"{what} that waits for approval")
        decision.add_argument("--by", help="who decides")
        decision.add_argument("--reason", help="why")
    correct = about_run("correct", "receipt:correct", "say what a receipt in review shows")
    correct.add_argument("--total", required=True, help="such as 12.30")
    correct.add_argument("--merchant", help="left out: as read")
    correct.add_argument("--date", help="such as 2026-01-31; left out: as read")
    correct.add_argument("--currency", help="such as USD; left out: as read")
    correct.add_argument("--by", help="who corrects")
    review = command("review", "review:review", "go through the receipts in review, one by one")
    review.add_argument("--user", help="only this user's")
    review.add_argument("--by", help="who corrects")
    review.add_argument("--pictures", metavar="FOLDER", help="where the cut-outs are written")
    show = about_run("show", "show:show", "draw a receipt with what was read where, as a PNG")
    show.add_argument("--output", metavar="FILE.png", help="default: the workflow id, here")
    about_run("pause", "order:pause", "stop an order before its next step")
    about_run("resume", "order:resume", "let a paused order go on")
    about_run("expedite", "order:expedite", "skip the wait for the next business day")
    about_run("cancel", "order:cancel", "cancel a run; what an order did is undone")

    listing = command("list", "listing:list_runs", "list runs, newest first")
    listing.add_argument("--status", help="such as awaiting_approval or needs_review")
    listing.add_argument("--kind", choices=("receipt", "order"))
    listing.add_argument(
        "--stuck", action="store_true", help="every open run that waits on something failing"
    )
    listing.add_argument("--limit", type=int, default=100, help="at most so many (default 100)")
    expenses = command("expenses", "listing:expenses", "print the saved expenses")
    expenses.add_argument("--user", help="only this user's")
    expenses.add_argument("--csv", action="store_true", help="as CSV, amounts in cents")
    command(
        "audit",
        "audit:audit",
        "compare what Temporal says with what every ledger holds (read-only)",
    )
    return parser


async def run(args: argparse.Namespace) -> int:
    """Run one command; gives its exit code."""
    from commands.outcome import CommandError, ExitCode
    from commands.output import Output
    from config import SettingsError, load_settings

    # What the SDK retries on the way is no news; what comes of it is said below, in one line.
    logging.getLogger("temporalio").addHandler(logging.NullHandler())
    output = Output(as_json=args.json)
    module, function = args.runs.split(":")
    try:
        settings = load_settings()
        command = getattr(importlib.import_module(f"commands.{module}"), function)
        code: ExitCode = await command(args, settings, output)
    except CommandError as error:
        output.error(str(error))
        code = error.exit_code
    except SettingsError as error:
        output.error(str(error))
        code = ExitCode.BAD_INPUT
    return int(code)


def main() -> int:
    """Parse the command line and run the command; gives the exit code."""
    args = build_parser().parse_args()
    try:
        return asyncio.run(run(args))
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; what was started goes on\n")
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        return 0


if __name__ == "__main__":
    try:
        exit_code = main()
    except SystemExit as usage:  # argparse has said what is wrong
        exit_code = usage.code if isinstance(usage.code, int) else 2
    leave(exit_code)
