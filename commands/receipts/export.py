"""The command ``expenses``: on the terminal, or in a format of another program."""

import argparse
import io
import sys
from pathlib import Path

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from commands.terminal.progress import progress
from config import Settings
from models import StoredExpense
from service import values
from service.categories import Categories, read_categories
from service.errors import BadInput
from service.expenses import CATEGORY, saved_expenses, write_csv
from service.exports.firefly import write_firefly
from service.exports.journals import NO_CATEGORIES, beancount_journal, ledger_journal
from workflows import wording

ZIP = "zip"


async def expenses(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print or export the saved expenses, oldest first."""
    user = values.given(values.user_id, args.user, "--user")
    if args.csv and args.format not in (None, "csv"):
        raise BadInput(f"--csv and --format {args.format} exclude each other: choose one")
    form = "csv" if args.csv else args.format
    if form and output.as_json and not args.output:
        named = "--csv" if args.csv else f"--format {form}"
        raise BadInput(f"{named} and --json exclude each other: choose one, or give --output")
    if args.output and not form:
        raise BadInput("--output needs --format: which one is the file to have?")
    if form == ZIP and not args.output:
        raise BadInput("--format zip needs --output FILE.zip")
    rules = read_categories(Path(args.categories)) if args.categories else None
    saved = await saved_expenses(settings, user)
    if form == ZIP:
        return await _zip(saved, Path(args.output), rules, settings, output)
    if form:
        _export(_text(saved, form, rules), args.output)
        if args.output:
            _tell(saved, args.output, 0, output)
        return ExitCode.DONE
    for expense in saved:
        category = {CATEGORY: rules.of(expense.merchant)} if rules else {}
        words = f"{_expense_row(expense)}{_in_brackets(category.get(CATEGORY))}"
        output.result({**expense.model_dump(mode="json"), **category}, words)
    output.note(_counted(saved))
    return ExitCode.DONE


async def _zip(
    saved: list[StoredExpense],
    file: Path,
    rules: Categories | None,
    settings: Settings,
    output: Output,
) -> ExitCode:
    from service.exports.pictures import write_zip

    with progress("copying files", len(saved), output) as advance:
        missing = await write_zip(settings, saved, file, rules, advance)
    for expense in missing:
        words = f"{expense.expense_id}: its file {expense.object_key} is not in the bucket any more"
        output.warning(words)
    _tell(saved, str(file), len(missing), output)
    return ExitCode.DONE


def _text(saved: list[StoredExpense], form: str, rules: Categories | None) -> str:
    if form == "ledger":
        return ledger_journal(saved, rules or NO_CATEGORIES)
    if form == "beancount":
        return beancount_journal(saved, rules or NO_CATEGORIES)
    text = io.StringIO(newline="")
    if form == "firefly":
        write_firefly(saved, text, rules or NO_CATEGORIES)
    else:
        write_csv(saved, text, rules)
    return text.getvalue()


def _export(text: str, file: str | None) -> None:
    """Write the text as it is to a file, or to the terminal."""
    if file is None:
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}") from None


def _tell(saved: list[StoredExpense], file: str, missing: int, output: Output) -> None:
    about = {"file": file, "expenses": len(saved), "files_missing": missing}
    output.result(about, f"{_counted(saved)} in {file}")


def _in_brackets(category: str | None) -> str:
    return f"  [{category}]" if category else ""


def _counted(saved: list[StoredExpense]) -> str:
    return f"{len(saved)} expense{'' if len(saved) == 1 else 's'}"


def _expense_row(expense: StoredExpense) -> str:
    amount = wording.money(expense.total_cents, expense.currency)
    return (
        f"{expense.expense_id}  {expense.date or 'no date'!s:<10}  {amount:>14}  "
        f"{expense.user_id:<12}  {expense.merchant or '-'}"
        f"{f'  (unconfirmed: {expense.unconfirmed})' if expense.unconfirmed else ''}"
    )
