"""The form of a correction: one question a field, what was read offered as the answer."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from commands.terminal.answers import CANCEL, QUIT, SKIP, Answers
from models import ClearableField, Correction, ReceiptFields
from service import values
from service.errors import BadInput
from service.receipts.fields import choices_of, value_of

NONE = "/none"
"""Answers that a field is to be cleared."""

HOW = (
    "Enter takes what was read, which stands first in brackets, #2 the second that it may be; "
    "anything else is the value itself. Of date and merchant, "
    f"{NONE} says that what was read is wrong, and what is right not known.",
    f"{SKIP} leaves a receipt for later, {CANCEL} ends it "
    f"without an expense, {QUIT} ends the review.",
)

Value = TypeVar("Value")


async def ask_correction(answers: Answers, fields: ReceiptFields, by: str) -> Correction:
    """Ask for every field; raise what ``Answers.ask`` raises.

    The currency comes first, because it says how many decimals the total has.
    """
    currency = await _needed(answers, fields, "currency", values.currency)
    total_cents = await _needed(
        answers, fields, "total", partial(values.total_cents, currency=currency)
    )
    clear: list[ClearableField] = []
    return Correction(
        total_cents=total_cents,
        currency=currency,
        date=await _clearable(answers, fields, "date", values.date, clear),
        merchant=await _clearable(answers, fields, "merchant", values.merchant, clear),
        clear=tuple(clear),
        corrected_by=by,
    )


async def _needed(
    answers: Answers, fields: ReceiptFields, name: str, parse: Callable[[str], Value]
) -> Value:
    while (value := await _asked(answers, fields, name, parse)) is None:
        answers.say(f"  a {name} is needed")
    return value


async def _clearable(
    answers: Answers,
    fields: ReceiptFields,
    name: ClearableField,
    parse: Callable[[str], Value],
    clear: list[ClearableField],
) -> Value | None:
    """Ask for a field that an expense may be without, and note it if it is to be cleared."""

    def parse_or_clear(text: str) -> Value | None:
        if text != NONE:
            return parse(text)
        clear.append(name)
        return None

    return await _asked(answers, fields, name, parse_or_clear)


async def _asked(
    answers: Answers, fields: ReceiptFields, name: str, parse: Callable[[str], Value]
) -> Value | None:
    """Ask until the answer is a value; None for Enter where nothing was read."""
    read = value_of(name, fields)
    choices = choices_of(name, fields)
    while True:
        typed = await answers.ask(_question(name, read, choices, fields))
        try:
            chosen = _chosen(typed or read, choices)
            return parse(chosen) if chosen else None
        except BadInput as wrong:
            answers.say(f"  {wrong}")


def _chosen(typed: str, choices: list[str]) -> str:
    """Return the value that an answer stands for."""
    if not typed.startswith("#"):
        return typed
    number = int(typed[1:]) if typed[1:].isdecimal() else 0
    if not 1 <= number <= len(choices):
        raise BadInput(f"{typed} is none of the {len(choices)} that were read")
    return choices[number - 1]


def _question(name: str, read: str, choices: list[str], fields: ReceiptFields) -> str:
    reading = fields.readings.get(name)
    sure = f" ({reading.confidence:.0%} sure)" if read and reading else ""
    others = (f", #{n} {choice}" for n, choice in enumerate(choices, start=1) if choice != read)
    return f"  {name:<8} [{read or 'nothing read'}{sure}{''.join(others)}]: "
