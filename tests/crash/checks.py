"""What must be true after each crash, checked in the ledgers and not in our own records.

A run with a crash must look like one without: the same ending, one effect per key, and no work
repeated whose result was recorded.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeVar

from models import (
    Listed,
    ListedCharge,
    ListedRefund,
    OrderState,
    OrderStatus,
    ReceiptState,
    ReceiptStatus,
)
from service.audit.orders import Finding
from service.audit.report import audit
from tests.crash.arena import Arena
from tests.crash.cases import Case, runs_locally
from tests.crash.plays.orders import OrderPlay
from tests.crash.plays.play import Play
from tests.crash.plays.receipts import CORRECTED_CENTS, READ_CENTS, FrontDoorPlay, ReceiptPlay
from tests.crash.points import until
from tests.crash.steps import Kind, Victim
from tests.support.whole_books import gathered
from workflows.identity import step_key
from workflows.order.steps import CANCELLATION, CONFIRM, REFUNDED

Effect = TypeVar("Effect", bound=Listed)

CLOSED_SECONDS = 30.0
"""How long the server may take until its list shows that the last run is closed."""


async def audit_of_all(arena: Arena) -> list[Finding]:
    """Return what an operator's audit finds after all cases."""

    async def is_quiet() -> bool:
        running = await arena.client.count_workflows("ExecutionStatus = 'Running'")
        return running.count == 0

    with suppress(TimeoutError):  # a run that hangs is the bad outcome of its case already
        await until(is_quiet, CLOSED_SECONDS, "no run is open")
    return (await audit(arena.client, arena.settings)).findings


async def problems_of(play: Play, state: OrderState | ReceiptState) -> list[str]:
    """Return what is wrong after the case, in words; empty if all is as without the crash."""
    if isinstance(play, OrderPlay) and isinstance(state, OrderState):
        found = await _order_problems(play, state)
    elif isinstance(play, ReceiptPlay) and isinstance(state, ReceiptState):
        found = await _receipt_problems(play, state)
    else:
        found = [f"the run answers as {type(state).__name__}"]
    return found + _mail_problems(play) + await _repeated(play)


def copies_of_mail(play: Play) -> int:
    """Return the number of copies of the run's mail."""
    return len(play.mails())


_ENDINGS = {
    Kind.CANCELLED_ORDER: {OrderStatus.CANCELLED},
    Kind.CANCELLED_BEFORE: {OrderStatus.CANCELLED},
    # A cancel that finds the goods with the carrier is refused.
    Kind.CANCELLED_MEANWHILE: {OrderStatus.CANCELLED, OrderStatus.COMPLETED},
    Kind.DECLINED: {OrderStatus.PAYMENT_FAILED},
}
"""How orders must end; all others are completed."""


async def _order_problems(play: OrderPlay, state: OrderState) -> list[str]:
    kind = play.case.step.kind
    wanted = _ENDINGS.get(kind, {OrderStatus.COMPLETED})
    found = [] if state.status in wanted else [f"status {state.status}, not {' or '.join(wanted)}"]
    is_completed = state.status is OrderStatus.COMPLETED
    order_id, ledgers = play.order.order_id, play.arena.ledgers
    charges = _of(order_id, await gathered(ledgers.payments.charges()))
    refunds = _of(order_id, await gathered(ledgers.payments.refunds()))
    held = _of(order_id, await gathered(ledgers.inventory.reservations()))
    shipments = _of(order_id, await gathered(ledgers.shipping.shipments()))
    # One charge; or where it may have come too late for one, none.
    paid = 1 if is_completed or kind is Kind.CANCELLED_ORDER else min(len(charges), 1)
    if kind is Kind.DECLINED:
        paid = 0
    found += _money("charge", charges, play, paid)
    found += _money("refund", refunds, play, 0 if is_completed else paid)
    ends = [row.status for row in held]
    if ends not in _reservations(kind, is_completed):
        found.append(f"reservations {ends}")
    if len(shipments) != is_completed:
        found.append(f"{len(shipments)} shipments")
    known = (state.transaction_id, state.refund_id, state.shipment_id)
    in_ledgers = (
        *(row.transaction_id for row in charges),
        *(row.refund_id for row in refunds),
        *(row.shipment_id for row in shipments),
    )
    if {one for one in known if one} != set(in_ledgers):
        found.append("the run knows other ids than the ledgers")
    if not is_completed:
        found += _told_wrong(play, [row.refund_id for row in refunds])
    archived = (await ledgers.orders.archived([order_id])).get(order_id)
    if archived is None or archived.result.status is not state.status:
        found.append(f"archived as {archived.result.status if archived else 'nothing'}")
    mail = CONFIRM if is_completed else REFUNDED if refunds else CANCELLATION
    key = step_key(play.workflow_id, mail, play.try_number)
    return found + await _record_problems(play, key)


def _money(
    what: str, rows: list[ListedCharge] | list[ListedRefund], play: OrderPlay, wanted: int
) -> list[str]:
    key = step_key(play.workflow_id, what, play.try_number)
    right = [
        row
        for row in rows
        if (row.amount_cents, row.currency, row.idempotency_key)
        == (play.order.total_cents, play.order.currency, key)
    ]
    if len(rows) == len(right) == wanted:
        return []
    return [f"{len(rows)} {what}s, {len(right)} of them right, not {wanted}"]


def _reservations(kind: Kind, is_completed: bool) -> tuple[list[str], ...]:
    """Return how the reservations of an order may have ended."""
    if is_completed:
        return (["shipped"],)
    return (["released"],) if kind is Kind.CANCELLED_ORDER else ([], ["released"])


def _told_wrong(play: OrderPlay, refund_ids: list[str]) -> list[str]:
    true = f"refunded as {refund_ids[-1]}" if refund_ids else "You were not charged"
    said = [play.arena.body_of(mail) for mail in play.mails()]
    return [f"the mail does not say: {true}"] if any(true not in body for body in said) else []


async def _receipt_problems(play: ReceiptPlay, state: ReceiptState) -> list[str]:
    completed = state.status is ReceiptStatus.COMPLETED
    found = [] if completed else [f"status {state.status}: {state.reason}"]
    cents = CORRECTED_CENTS if play.case.step.kind is Kind.REVIEW else READ_CENTS
    rows = await play.arena.ledgers.expenses.list(play.user_id)
    if [(row.expense_id, row.total_cents) for row in rows] != [(state.expense_id, cents)]:
        found.append(f"{len(rows)} expenses, not one of {cents} cents")
    if isinstance(play, FrontDoorPlay) and play.refusal is None:
        found.append("the person was not told that the submission failed")
    return found + await _record_problems(play, f"{play.workflow_id}:tell")


async def _record_problems(play: Play, key: str) -> list[str]:
    return [] if await play.arena.ledgers.sent_mails.find(key) else [f"no record of the mail {key}"]


def _mail_problems(play: Play) -> list[str]:
    mails = play.mails()
    if not 1 <= len(mails) <= play.case.mails_allowed:
        return [f"{len(mails)} mails"]
    if len({mail.message_id for mail in mails}) != 1:
        return ["copies of the mail have different Message-IDs"]
    return []


WORK = {
    "read": "extract_text",
    "parse": "parse_receipt",
    "save": "save_expense",
    "archive": "archive_order",
}
"""Work inside the worker, and the activity that does it."""


async def _repeated(play: Play) -> list[str]:
    """Return work that ran too often.

    It may run again if its result died with a worker, and a local step with its workflow task.
    """
    case, calls = play.case, play.calls()
    finished = Counter(call.what for call in calls if call.event == "ended")
    begun = Counter(call.what for call in calls if call.event == "began" and call.what in WORK)
    found = []
    for what, times in (finished + begun).items():
        allowed = case.runs_allowed(WORK.get(what, what))
        if times > allowed and runs_locally(WORK.get(what, what)):
            allowed += await play.workflow_tasks_made_again()
        if times > allowed:
            allowed = max(allowed, 1 + await play.attempts_taken_for_lost(WORK.get(what, what)))
        if times > allowed:
            found.append(f"{what} ran {times} times, not {allowed}")
    return found + _untouched(case, play)


def _untouched(case: Case, play: Play) -> list[str]:
    """Return recorded steps before the crashed one that needed more than one attempt."""
    order = [call for call in play.calls() if call.what not in WORK]
    hit = next((n for n, call in enumerate(order) if call.what == case.step.what), len(order))
    early = {call.what for call in order[:hit] if not runs_locally(call.what)}
    again = {call.what for call in order[hit:] if call.what in early}
    if (case.kills_worker or case.victim is Victim.TEMPORAL) and again:
        return [f"{', '.join(sorted(again))} ran again although finished"]
    return []


def _of(order_id: str, rows: Iterable[Effect]) -> list[Effect]:
    return [row for row in rows if row.order_id == order_id]
