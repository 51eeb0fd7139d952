"""The form of a correction: one question a field, what was read offered as the answer."""

from collections.abc import Callable
from typing import TypeVar

from commands import values
from commands.answers import CANCEL, QUIT, SKIP, Answers
from commands.outcome import CommandError
from models import Correction, ReceiptFields
from workflows import wording

HOW = (
    f"Enter takes what stands in brackets, #2 the second of it, and anything else is the value "
    f"itself.\n{SKIP} leaves a receipt for later, {CANCEL} ends it without an expense, {QUIT} ends "
    "the review."
)

Value = TypeVar("Value")


async def ask_correction(answers: Answers, fields: ReceiptFields, by: str) -> Correction:
    """Ask for every field; raises what ``Answers.ask`` raises."""
    return Correction(
        total_cents=await _needed(answers, fields, "total", values.total_cents),
        currency=await _needed(answers, fields, "currency", values.currency),
        date=await _asked(answers, fields, "date", values.date),
        merchant=await _asked(answers, fields, "merchant", values.merchant),
        corrected_by=by,
    )


async def _needed(
    answers: Answers, fields: ReceiptFields, name: str, parse: Callable[[str], Value]
) -> Value:
    while (value := await _asked(answers, fields, name, parse)) is None:
        answers.say(f"  a {name} is needed")
    return value


async def _asked(
    answers: Answers, fields: ReceiptFields, name: str, parse: Callable[[str], Value]
) -> Value | None:
    """Ask until the answer is a value; None for Enter where nothing was read."""
    choices = choices_of(name, fields)
    while True:
        typed = await answers.ask(_question(name, choices, fields))
        try:
            chosen = _chosen(typed, choices)
            return parse(chosen) if chosen else None
        except CommandError as wrong:
            answers.say(f"  {str(wrong).removeprefix('--')}")


def _chosen(typed: str, choices: list[str]) -> str:
    """Give the value that an answer stands for."""
    if not typed:
        return choices[0] if choices else ""
    if not typed.startswith("#"):
        return typed
    number = int(typed[1:]) if typed[1:].isdecimal() else 0
    if not 1 <= number <= len(choices):
        raise CommandError(f"{typed} is none of the {len(choices)} that were read")
    return choices[number - 1]


def _question(name: str, choices: list[str], fields: ReceiptFields) -> str:
    if not choices:
        return f"  {name:<8} [nothing read]: "
    reading = fields.readings.get(name)
    sure = f" ({reading.confidence:.0%} sure)" if reading and value_of(name, fields) else ""
    others = "".join(f", #{n} {choice}" for n, choice in enumerate(choices[1:], start=2))
    return f"  {name:<8} [{choices[0]}{sure}{others}]: "


def choices_of(name: str, fields: ReceiptFields) -> list[str]:
    """Give what was read for a field and what else it may be, the likeliest first."""
    choices = [value_of(name, fields), *fields.candidates.get(name, ())]
    return list(dict.fromkeys(choice for choice in choices if choice))


def value_of(name: str, fields: ReceiptFields) -> str:
    """Write a field's value as a person would type it; empty if it was not found."""
    cents: int | None = getattr(fields, f"{name}_cents", None)
    if cents is not None:
        return wording.money(cents, None)
    return str(getattr(fields, name, None) or "")
