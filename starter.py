"""What a person types: start runs, watch them, decide, correct, list.

Exit codes: 0 done; 1 the run failed; 2 bad input or usage; 3 Temporal or a provider could not
be reached; 4 a receipt waits for a person; 130 Ctrl-C. Heavy imports wait until a command needs
them, so that ``--help`` answers at once.
"""

import argparse
import asyncio
import difflib
import importlib
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

from lifecycle import keep_files_private, leave

MAX_FAULT_CHARACTERS = 300
MIN_MASKED_CHARACTERS = 4
"""A shorter text is no payment token, and may be part of any word."""

COMMANDS_EPILOG = """\
exit codes: 0 done; 1 the run failed; 2 bad input or usage; 3 Temporal or a provider could not
be reached; 4 a receipt waits for a person; 130 Ctrl-C, what was started goes on.
An ID is a workflow id (order-7) or the order's or receipt's own id (7).
"""


EXPENSE = "a saved expense: correct or delete it"
KEYS = "access keys for the HTTP API: add one, list them, revoke them"

Command = Callable[[str, str, str], argparse.ArgumentParser]
"""Adds a command: its name, the function that runs it, and what it does."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments, but never a payment token that is among them."""

    def error(self, message: str) -> NoReturn:
        super().error(_without_values(message, sys.argv[1:]))


def _without_values(message: str, arguments: Sequence[str]) -> str:
    """Mask what follows options where one of them may be a payment token, however misspelt."""
    options = [word.partition("=")[0] for word in arguments if word.startswith("-")]
    if not any("pay" in option or "token" in option for option in options):
        return message
    values = {
        word.partition("=")[2] if word.startswith("-") else word
        for word in arguments
        if word not in options
    }
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= MIN_MASKED_CHARACTERS:
            message = message.replace(value, "***")
    return message


def build_parser() -> argparse.ArgumentParser:
    """Build the command line; each command names the function that runs it."""
    parser = _Parser(
        prog="starter.py",
        description="Start receipts and orders, watch them, and decide what waits for a person.",
        epilog=COMMANDS_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = partial(_command, commands)

    def about_run(name: str, runs: str, what: str) -> argparse.ArgumentParser:
        added = command(name, runs, what)
        added.add_argument("id", metavar="ID", help="workflow id, order id or receipt id")
        return added

    _add_starts(command)
    about_run("status", "listing:status", "show where a run stands")
    _add_decisions(about_run)
    _add_retry(command)
    _add_review(command, about_run)
    _add_lists(command)
    log = command("log", "log:log", "show who did what, when and how it went, newest first")
    log.add_argument("id", nargs="?", metavar="ID", help="workflow, order, receipt or expense id")
    log.add_argument("--limit", type=int, default=100, help="at most so many (default 100)")
    _add_setup(command)
    _add_replay(command)
    _add_erase(command)
    newest = "bring the database to the newest schema, once after each deploy that says so"
    command("migrate", "operate.migrate:migrate", newest)
    _add_expense(commands.add_parser("expense", help=EXPENSE, description=EXPENSE))
    _add_keys(commands.add_parser("keys", help=KEYS, description=KEYS))
    parser.set_defaults(command_names=tuple(commands.choices))
    return parser


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, runs: str, what: str
) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=what, description=what)
    added.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    added.set_defaults(runs=runs)
    return added


def _add_starts(command: Command) -> None:
    receipt = command(
        "receipt", "receipts.receipt:receipt", "store receipt photos and start their runs"
    )
    watched = command(
        "watch", "receipts.watch_folder:watch", "start a run for each new file of a folder"
    )
    watched.add_argument("folder", metavar="FOLDER", help="whose files are taken once they rest")
    kinds = "JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, JPEG 2000 or PDF; a folder is its files"
    receipt.add_argument("files", nargs="+", metavar="FILE", help=kinds)
    for added in (receipt, watched):
        added.add_argument("--user", help="whose receipts they are")
        added.add_argument("--notify", metavar="MAIL", help="who is told of each saved expense")
    until = "follow each run to its end, or until it is in review: then the exit code is 4"
    receipt.add_argument("--wait", action="store_true", help=until)
    receipt.add_argument("--stay", action="store_true", help="with --wait: through review, too")
    order = command("order", "order:order", "start orders")
    orders = "an order as JSON, or many, one a line (JSON Lines); - reads standard input"
    order.add_argument("files", nargs="+", metavar="FILE", help=orders)
    order.add_argument("--wait", action="store_true", help="follow each run to its end")


def _add_decisions(about_run: Command) -> None:
    for name, what in (("approve", "approve an order"), ("reject", "reject an order")):
        decision = about_run(name, f"order:{name}", f"{what} that waits for approval")
        decision.add_argument("--by", help="who decides")
        decision.add_argument("--reason", help="why")
    about_run("pause", "order:pause", "stop an order before its next step")
    about_run("resume", "order:resume", "let a paused order go on")
    about_run("expedite", "order:expedite", "skip the wait for the next business day")
    about_run("cancel", "order:cancel", "cancel a run; what an order did is undone")
    tell = about_run("tell", "mails:tell", "send a mail now that its run could not send")
    tell.add_argument("--to", metavar="MAIL", help="a corrected address; left out: as before")


def _add_retry(command: Command) -> None:
    what = "try again what ended without shipping or saving; without --yes, say what that would do"
    again = command("retry", "retry:retry", what)
    again.add_argument("id", nargs="?", metavar="ID", help="workflow id, order id or receipt id")
    again.add_argument("--failed", action="store_true", help="every receipt that failed")
    again.add_argument(
        "--payment-token",
        metavar="TOKEN",
        help="charge another card; - reads the token from standard input, where nobody sees it",
    )
    again.add_argument("--yes", action="store_true", help="do it")


def _add_review(command: Command, about_run: Command) -> None:
    correct = about_run("correct", "receipts.receipt:correct", "say what a receipt in review shows")
    _add_correction(correct, left_out="as read", needs_total=True)
    review = command(
        "review", "receipts.review:review", "go through the receipts in review, one by one"
    )
    review.add_argument("--user", help="only this user's")
    review.add_argument("--by", help="who corrects")
    review.add_argument("--pictures", metavar="FOLDER", help="where the cut-outs are written")
    show = about_run(
        "show", "receipts.show:show", "draw a receipt with what was read where, as a PNG"
    )
    show.add_argument("--output", metavar="FILE.png", help="default: the workflow id, here")


def _add_correction(correct: argparse.ArgumentParser, left_out: str, *, needs_total: bool) -> None:
    total = "such as 12.30, in its currency; that of a refund: --total=-12.30"
    if not needs_total:
        total += f"; left out: {left_out}"
    correct.add_argument("--total", required=needs_total, help=total)
    for name, such_as in (("merchant", ""), ("date", "such as 2026-01-31; ")):
        either = correct.add_mutually_exclusive_group()
        either.add_argument(f"--{name}", help=f"{such_as}left out: {left_out}")
        is_wrong = f"the {name} is wrong, and the right one is not known"
        either.add_argument(f"--no-{name}", action="store_true", help=is_wrong)
    correct.add_argument("--currency", help=f"such as USD; left out: {left_out}")
    correct.add_argument("--by", help="who corrects")


def _add_setup(command: Command) -> None:
    what = "ask every part that runs need whether it can be used; changes nothing"
    check = command("check", "operate.check:check", what)
    roles = ("all", "workflows", "providers", "ocr")
    check.add_argument("--role", choices=roles, help="only what a worker of this role uses")
    what = "create what runs need in Temporal: namespace, search attributes, nightly audit"
    setup = command("setup", "operate.setup:setup", what)
    days = "a new namespace keeps runs that ended so many days (default 30)"
    setup.add_argument("--retention-days", type=int, default=30, metavar="DAYS", help=days)
    at = "when workers audit each day, in BUSINESS_TIME_ZONE, or never (at first 04:00)"
    setup.add_argument("--audit-at", metavar="HH:MM", help=at)


def _add_replay(command: Command) -> None:
    what = "say which open runs this version of the code would break: the gate before a deploy"
    replay = command("replay", "operate.replay:replay", what)
    replay.add_argument("--sample", type=int, metavar="N", help="so many of them, chosen evenly")
    query = "runs of this visibility query; default: all open ones of TASK_QUEUE"
    replay.add_argument("--query", metavar="QUERY", help=query)
    recorded = "histories in files instead, as 'temporal workflow show --output json' writes them"
    replay.add_argument("--histories", metavar="FOLDER", help=recorded)


def _add_erase(command: Command) -> None:
    what = "erase a user or customer; without --yes, say what there is of them"
    erase = command("erase", "operate.erase:erase", what)
    erase.add_argument("--user", required=True, help="whose receipts they are, or who ordered")
    erase.add_argument("--by", help="who erases")
    erase.add_argument("--yes", action="store_true", help="do it; it cannot be undone")


def _add_expense(expense: _Parser) -> None:
    command = partial(
        _command, expense.add_subparsers(title="commands", required=True, metavar="WHAT")
    )
    an_id = "the expense's id, as 'expenses' shows it"
    edit = command(
        "edit", "receipts.expense:edit", "correct a saved expense; the log keeps what it was"
    )
    edit.add_argument("id", metavar="ID", help=an_id)
    _add_correction(edit, left_out="as it is", needs_total=False)
    what = "delete a saved expense, also for when its file comes again; the log keeps what it was"
    delete = command("delete", "receipts.expense:delete", what)
    delete.add_argument("id", metavar="ID", help=an_id)
    delete.add_argument("--by", help="who deletes")


def _add_lists(command: Command) -> None:
    listing = command("list", "listing:list_runs", "list runs, newest first")
    listing.add_argument("--status", help="such as awaiting_approval or needs_review")
    listing.add_argument("--kind", choices=("receipt", "order", "mail"))
    problems = listing.add_mutually_exclusive_group()
    problems.add_argument(
        "--stuck", action="store_true", help="every open run that waits on something failing"
    )
    listing.add_argument(
        "--ended", action="store_true", help="runs that are over, also those Temporal has forgotten"
    )
    problems.add_argument("--untold", action="store_true", help="whoever was not told by mail")
    listing.add_argument("--limit", type=int, default=100, help="at most so many (default 100)")
    expenses = command("expenses", "receipts.export:expenses", "print or export the saved expenses")
    expenses.add_argument("--user", help="only this user's")
    expenses.add_argument("--csv", action="store_true", help="as CSV, for a spreadsheet")
    formats = ("csv", "ledger", "beancount", "firefly", "zip")
    what = "for a spreadsheet, Ledger, Beancount or Firefly III, or a table with all files"
    expenses.add_argument("--format", choices=formats, help=what)
    expenses.add_argument("--output", metavar="FILE", help="where it is written; for zip needed")
    rules = 'rules in TOML that give each a category, such as "Food" = ["cafe"]'
    expenses.add_argument("--categories", metavar="FILE.toml", help=rules)
    command(
        "audit",
        "operate.audit:audit",
        "compare what Temporal says with what every ledger holds (read-only)",
    )
    command(
        "archive",
        "operate.archive:archive",
        "archive the orders that ended without it, such as terminated ones, from their histories",
    )


def _add_keys(keys: _Parser) -> None:
    command = partial(
        _command, keys.add_subparsers(title="commands", required=True, metavar="WHAT")
    )
    add = command("add", "operate.keys:add", "make a key and print it, which happens only once")
    add.add_argument("name", metavar="NAME", help="whose it is: the user of all it submits")
    roles = "submit: what is their own; approve: also orders of others; operate: everything"
    add.add_argument("--role", required=True, choices=("submit", "approve", "operate"), help=roles)
    command(
        "list", "operate.keys:list_all", "list all keys, also revoked ones, without their secrets"
    )
    revoke = command("revoke", "operate.keys:revoke", "revoke a key, or all of a name, at once")
    revoke.add_argument("name_or_id", metavar="NAME_OR_ID", help="as 'keys list' shows them")


def refuse_unknown_command(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Name the command that was probably meant; argparse would list all there are."""
    typed = next((word for word in arguments if not word.startswith("-")), "")
    names: tuple[str, ...] = parser.get_default("command_names")
    meant = difflib.get_close_matches(typed, names, n=1)
    if typed not in names and meant:
        parser.error(f"there is no command {typed!r}: did you mean {meant[0]!r}?")


async def run(args: argparse.Namespace) -> int:
    """Run one command; return its exit code."""
    from commands.operate.migrate import refuse_older_schema
    from commands.parts import parts_of
    from commands.terminal.outcome import EXPECTED, ExitCode, exit_code, faults_of, sentence
    from commands.terminal.output import Output
    from config import load_settings
    from environment import check
    from observability.doors import door_span
    from observability.tracing import tracing

    # The SDK logs each of its own retries; how they end is said below, in one line.
    logging.getLogger("temporalio").addHandler(logging.NullHandler())
    output = Output(as_json=args.json)
    module, function = args.runs.split(":")
    settings = None
    try:
        settings = load_settings()
        output.log_as(settings.log_format)
        for warning in check(settings, parts_of(args, settings)):
            output.warning(warning)
        with tracing(settings, "starter"), door_span(f"starter.py {function}"):
            await refuse_older_schema(args, settings, output)
            command = getattr(importlib.import_module(f"commands.{module}"), function)
            code: ExitCode = await command(args, settings, output)
    except EXPECTED as error:
        output.error(sentence(error, settings), *faults_of(error))
        code = exit_code(error)
    return int(code)


def main() -> int:
    """Parse the command line and run the command; return the exit code."""
    parser = build_parser()
    refuse_unknown_command(parser, sys.argv[1:])
    args = parser.parse_args()
    try:
        return asyncio.run(run(args))
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"error: this Python lacks the package {missing.name}: run 'make demo' once, then "
            "'. .venv/bin/activate'\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; what was started goes on\n")
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        return 0
    except Exception as fault:  # a fault of this program: no traceback, and an exit code
        words = " ".join(str(fault).split())[:MAX_FAULT_CHARACTERS]
        sys.stderr.write(f"error: unexpected {type(fault).__name__}: {words}\n")
        return 1


if __name__ == "__main__":
    keep_files_private()
    try:
        exit_code = main()
    except SystemExit as usage:  # argparse has said what is wrong
        exit_code = usage.code if isinstance(usage.code, int) else 2
    leave(exit_code)
