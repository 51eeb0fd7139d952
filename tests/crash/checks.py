"""What must be true after each crash, checked in the ledgers and not in our own records.

A run with a crash must look like one without: the same ending, one effect per key, and no work
repeated whose result was recorded.
"""

from collections import Counter

from models import ListedCharge, ListedRefund, OrderState, OrderStatus, ReceiptState, ReceiptStatus
from tests.crash.cases import Case, Kind, Victim, runs_locally
from tests.crash.plays import CORRECTED_CENTS, FrontDoorPlay, OrderPlay, Play, ReceiptPlay

GROCERY_CENTS = 3085


async def problems_of(play: Play, state: OrderState | ReceiptState) -> list[str]:
    """Return what is wrong after the case, in words; empty if all is as without the crash."""
    if isinstance(play, OrderPlay) and isinstance(state, OrderState):
        found = await _order_problems(play, state)
    elif isinstance(play, ReceiptPlay) and isinstance(state, ReceiptState):
        found = await _receipt_problems(play, state)
    else:
        found = [f"the run answers as {type(state).__name__}"]
    return found + _mail_problems(play) + _repeated(play)


def copies_of_mail(play: Play) -> int:
    """Return the number of copies of the run's mail."""
    return len(play.arena.mails_to(play.email))


async def _order_problems(play: OrderPlay, state: OrderState) -> list[str]:
    is_cancelled = play.case.step.kind is Kind.CANCELLED_ORDER
    wanted = OrderStatus.CANCELLED if is_cancelled else OrderStatus.COMPLETED
    found = [] if state.status is wanted else [f"status {state.status}, not {wanted}"]
    order_id, ledgers = play.order.order_id, play.arena.ledgers
    charges = [row for row in await ledgers.payments.charges() if row.order_id == order_id]
    refunds = [row for row in await ledgers.payments.refunds() if row.order_id == order_id]
    held = [row for row in await ledgers.inventory.reservations() if row.order_id == order_id]
    shipments = [row for row in await ledgers.shipping.shipments() if row.order_id == order_id]
    found += _money("charge", charges, play, 1) + _money("refund", refunds, play, is_cancelled)
    ends = [row.status for row in held]
    if ends != ["released" if is_cancelled else "shipped"]:
        found.append(f"reservations {ends}")
    if len(shipments) != (not is_cancelled):
        found.append(f"{len(shipments)} shipments")
    known = (state.transaction_id, state.refund_id, state.shipment_id)
    in_ledgers = (
        *(row.transaction_id for row in charges),
        *(row.refund_id for row in refunds),
        *(row.shipment_id for row in shipments),
    )
    if {one for one in known if one} != set(in_ledgers):
        found.append("the run knows other ids than the ledgers")
    mail = "cancellation" if is_cancelled else "confirm"
    return found + await _record_problems(play, f"{play.workflow_id}:{mail}")


def _money(
    what: str, rows: list[ListedCharge] | list[ListedRefund], play: OrderPlay, wanted: int
) -> list[str]:
    key = f"{play.workflow_id}:{what}"
    right = [
        row
        for row in rows
        if (row.amount_cents, row.currency, row.idempotency_key)
        == (play.order.total_cents, play.order.currency, key)
    ]
    if len(rows) == len(right) == wanted:
        return []
    return [f"{len(rows)} {what}s, {len(right)} of them right, not {int(wanted)}"]


async def _receipt_problems(play: ReceiptPlay, state: ReceiptState) -> list[str]:
    completed = state.status is ReceiptStatus.COMPLETED
    found = [] if completed else [f"status {state.status}: {state.reason}"]
    cents = CORRECTED_CENTS if play.case.step.kind is Kind.REVIEW else GROCERY_CENTS
    rows = await play.arena.ledgers.expenses.list(play.user_id)
    if [(row.expense_id, row.total_cents) for row in rows] != [(state.expense_id, cents)]:
        found.append(f"{len(rows)} expenses, not one of {cents} cents")
    if isinstance(play, FrontDoorPlay) and play.refusal is None:
        found.append("the person was not told that the submission failed")
    return found + await _record_problems(play, f"{play.workflow_id}:tell")


async def _record_problems(play: Play, key: str) -> list[str]:
    return [] if await play.arena.ledgers.sent_mails.find(key) else [f"no record of the mail {key}"]


def _mail_problems(play: Play) -> list[str]:
    mails = play.arena.mails_to(play.email)
    if not 1 <= len(mails) <= play.case.mails_allowed:
        return [f"{len(mails)} mails"]
    if len({mail.message_id for mail in mails}) != 1:
        return ["copies of the mail have different Message-IDs"]
    return []


WORK = {"read": "extract_text", "parse": "parse_receipt", "save": "save_expense"}
"""Work inside the worker, and the activity that does it."""


def _repeated(play: Play) -> list[str]:
    """Return work that ran too often; it may run again only if its result died with a worker."""
    case, calls = play.case, play.arena.calls.of(play.workflow_id)
    finished = Counter(call.what for call in calls if call.event == "ended")
    begun = Counter(call.what for call in calls if call.event == "began" and call.what in WORK)
    found = []
    for what, times in (finished + begun).items():
        allowed = case.runs_allowed(WORK.get(what, what))
        if times > allowed:
            found.append(f"{what} ran {times} times, not {allowed}")
    return found + _untouched(case, play)


def _untouched(case: Case, play: Play) -> list[str]:
    """Return recorded steps before the crashed one that needed more than one attempt."""
    order = [call for call in play.arena.calls.of(play.workflow_id) if call.what not in WORK]
    hit = next((n for n, call in enumerate(order) if call.what == case.step.what), len(order))
    early = {call.what for call in order[:hit] if not runs_locally(call.what)}
    again = {call.what for call in order[hit:] if call.what in early}
    if case.victim in (Victim.WORKER, Victim.TEMPORAL) and again:
        return [f"{', '.join(sorted(again))} ran again although finished"]
    return []
