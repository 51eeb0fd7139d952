"""Commands on a saved expense: correct it, delete it.

Expenses and the log of actions are in one database, so that nothing changes that is not logged.
"""

import argparse

from commands.receipts.receipt import cleared
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from models import Correction, DecisionChannel, StoredExpense
from service import values
from service.access.log import Doer
from service.access.records import opened_access
from service.errors import BadInput
from service.receipts.edits import delete_expense, edit_expense, find_expense, kept_total
from workflows import wording

CHANGES = ("total", "merchant", "no_merchant", "date", "no_date", "currency")


async def edit(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Correct an expense; what is left out stays as it is."""
    if not any(getattr(args, name) for name in CHANGES):
        raise BadInput("nothing would change: give --total, --merchant, --date or --currency")
    merchant = values.given(values.merchant, args.merchant, "--merchant")
    date = values.given(values.date, args.date, "--date")
    currency = values.given(values.currency, args.currency, "--currency")
    edited_by = values.short_text(args.by or settings.user_id, "--by")
    before = await find_expense(settings, args.id)
    if args.total is None:
        total = kept_total(before, currency)
    else:
        total = values.total_cents(args.total, "--total", currency or before.currency)
    correction = Correction(
        total_cents=total,
        merchant=merchant,
        date=date,
        currency=currency,
        clear=cleared(args),
        corrected_by=edited_by,
    )
    async with opened_access(settings) as access:
        doer = Doer(edited_by, DecisionChannel.TERMINAL, access.log)
        after = await edit_expense(settings, before, correction, doer)
    output.result(
        {**after.model_dump(mode="json"), "before": before.model_dump(mode="json")},
        f"{after.expense_id}: {_in_words(after)}",
        f"  was {_in_words(before)}",
    )
    return ExitCode.DONE


async def delete(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Delete an expense; its file, submitted again, does not bring it back."""
    deleted_by = values.short_text(args.by or settings.user_id, "--by")
    expense = await find_expense(settings, args.id)
    async with opened_access(settings) as access:
        doer = Doer(deleted_by, DecisionChannel.TERMINAL, access.log)
        await delete_expense(settings, expense, doer)
    output.result(
        {**expense.model_dump(mode="json"), "deleted": True},
        f"{expense.expense_id}: deleted; it was {_in_words(expense)}",
    )
    return ExitCode.DONE


def _in_words(expense: StoredExpense) -> str:
    amount = wording.money(expense.total_cents, expense.currency)
    return f"{amount}, {expense.merchant or 'no merchant'}, {expense.date or 'no date'}"
