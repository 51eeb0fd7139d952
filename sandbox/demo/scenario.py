"""The scenario of ``make demo``: every way through both pipelines, on real parts, all at once.

Each case plays the people in it (a manager, a support agent, a user) and says how its run must
end; whatever ends otherwise makes the demo fail.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from temporalio.client import Client

from commands.terminal.output import Output
from config import Settings
from models import Correction, OrderStatus, ReceiptStatus
from sandbox.demo.stage import CASE_SECONDS, Ending, Stage
from service.receipts.start import submitting
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow


async def _clear_receipt(stage: Stage) -> Ending:
    return await stage.expense_of(await stage.submit("grocery"))


async def _angled_receipt(stage: Stage) -> Ending:
    return await stage.expense_of(await stage.submit("baeckerei-angle"))


async def _unreadable_receipt(stage: Stage) -> Ending:
    started = await stage.submit("cafe-coffee-stain")
    state = await stage.receipt_state(started, lambda s: s.status is ReceiptStatus.NEEDS_REVIEW)
    stage.say(f"{started.workflow_id}: needs review: {state.reason}")
    await stage.receipt_handle(started).execute_update(
        ReceiptWorkflow.correct,
        Correction(total_cents=3208, corrected_by="ada"),
    )
    return await stage.expense_of(started)


async def _same_receipt_twice(stage: Stage) -> Ending:
    first, second = await asyncio.gather(
        stage.submit("hardware-cash"), stage.submit("hardware-cash")
    )
    ending = await stage.expense_of(first)
    runs = len({first.run_id, second.run_id})
    return Ending(ending.workflow_id, f"{runs} run, {ending.outcome}", ending.remarks)


async def _provider_failure(stage: Stage) -> Ending:
    handle = await stage.order("charge-fails-once", "fails-once")
    await handle.signal(OrderWorkflow.expedite)
    ending = await stage.end_of(handle)
    attempts = await stage.attempts(handle, "charge_payment")
    return Ending(handle.id, f"{ending.outcome}, charged at attempt {attempts}", ending.remarks)


async def _approved(stage: Stage) -> Ending:
    handle = await stage.order("large", "approved")
    await handle.signal(OrderWorkflow.expedite)
    await stage.order_state(handle, lambda s: s.status is OrderStatus.AWAITING_APPROVAL)
    await stage.decide(handle, True, "grace", "a regular customer")
    return await stage.end_of(handle)


async def _rejected(stage: Stage) -> Ending:
    handle = await stage.order("large", "rejected")
    await stage.decide(handle, False, "grace", "over budget")
    return await stage.end_of(handle)


async def _declined(stage: Stage) -> Ending:
    return await stage.end_of(await stage.order("card-declined", "declined"))


async def _out_of_stock(stage: Stage) -> Ending:
    ending = await stage.end_of(await stage.order("out-of-stock", "out-of-stock"))
    refunded = ", refunded" if "ref_" in ending.remarks else ""
    return Ending(ending.workflow_id, f"{ending.outcome}{refunded}", ending.remarks)


async def _paused(stage: Stage) -> Ending:
    handle = await stage.order("small", "paused")
    await handle.signal(OrderWorkflow.pause)
    await handle.signal(OrderWorkflow.expedite)
    state = await stage.order_state(handle, lambda s: s.waiting_for == "resume")
    stage.say(f"{handle.id}: paused before {state.step}")
    await handle.signal(OrderWorkflow.resume)
    return await stage.end_of(handle)


async def _cancelled(stage: Stage) -> Ending:
    handle = await stage.order("small", "cancelled")
    await stage.order_state(handle, lambda s: s.status is OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await handle.cancel()
    ending = await stage.end_of(handle)
    refunded = ", refunded" if "ref_" in ending.remarks else ""
    return Ending(ending.workflow_id, f"{ending.outcome}{refunded}", ending.remarks)


@dataclass(frozen=True)
class Case:
    """One run: what it shows, who does what to it, and how it must end."""

    title: str
    play: Callable[[Stage], Awaitable[Ending]]
    expected: str


CASES = (
    Case("receipt, clear photo", _clear_receipt, "completed, 30.85 USD"),
    Case("receipt, at an angle, noisy", _angled_receipt, "completed, 18.20 EUR"),
    Case(
        "receipt, total unreadable",
        _unreadable_receipt,
        "completed, 32.08 USD, corrected by ada",
    ),
    Case("receipt, submitted twice", _same_receipt_twice, "1 run, completed, 33.49 USD"),
    Case("order, provider fails once", _provider_failure, "completed, charged at attempt 2"),
    Case("order above 500, approved", _approved, "completed"),
    Case("order above 500, rejected", _rejected, "rejected"),
    Case("order, card declined", _declined, "payment_failed"),
    Case("order, out of stock", _out_of_stock, "out_of_stock, refunded"),
    Case("order, paused and resumed", _paused, "completed"),
    Case("order, cancelled while waiting", _cancelled, "cancelled, refunded"),
)


async def run_scenario(client: Client, settings: Settings, output: Output) -> bool:
    """Play all cases, print the summary, and return whether each ended as expected."""
    user = f"demo-{secrets.token_hex(3)}"
    with submitting(client, settings, user, f"{user}@users.example") as submission:
        stage = Stage(submission, output)
        stage.say(f"{len(CASES)} cases at once; the Temporal UI: {settings.temporal_ui_url}", "")
        endings = await asyncio.gather(*(_play(case, stage) for case in CASES))
    _print_summary(endings, output)
    output.note("", f"Temporal UI: {settings.temporal_ui_url}")
    output.note(f"mails: {settings.state_dir / 'mailbox'}")
    return all(ending.outcome == case.expected for case, ending in zip(CASES, endings, strict=True))


async def _play(case: Case, stage: Stage) -> Ending:
    try:
        async with asyncio.timeout(CASE_SECONDS):
            return await case.play(stage)
    except TimeoutError:
        return Ending("-", f"no end within {CASE_SECONDS:g} s")
    except Exception as error:  # one broken case must not hide the outcome of the others
        return Ending("-", f"{type(error).__name__}: {error}")


def _print_summary(endings: list[Ending], output: Output) -> None:
    output.note("")
    if not output.as_json:
        output.result({}, f"{'':<4} {'CASE':<31} {'OUTCOME':<40} RUN AND WHAT IT DID")
    for case, ending in zip(CASES, endings, strict=True):
        right = ending.outcome == case.expected
        words = f"{'ok' if right else 'BAD':<4} {case.title:<31} {ending.outcome:<40} "
        words += f"{ending.workflow_id}  {ending.remarks}"
        output.result(
            {
                "case": case.title,
                "outcome": ending.outcome,
                "expected": case.expected,
                "workflow_id": ending.workflow_id,
                "as_expected": right,
            },
            words,
            *([] if right else [f"     expected: {case.expected}"]),
        )
