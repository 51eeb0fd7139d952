"""What must be true after each reset, checked in the ledgers and the mailbox, and by the audit.

Which of several right endings an order has is not checked, as long as money, goods and mails agree
with it; except that an order of which nothing was undone must still be completed.
"""

import email
import email.policy
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from models import (
    ListedCharge,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    OrderState,
    OrderStatus,
    ReceiptState,
    ReceiptStatus,
    StoredExpense,
)
from sandbox.mailbox import list_mails
from service.audit.report import audit
from tests.resets.cases import After
from tests.resets.matrix import Outcome
from tests.resets.points import Remembers
from tests.resets.stage import Stage
from tests.support.whole_books import read_books
from workflows import wording
from workflows.identity import order_workflow_id, receipt_workflow_id, step_key
from workflows.order.steps import CHARGE


@dataclass
class Facts:
    """What happened for one run, by those who did it; mails are in the order of their coming."""

    charges: list[ListedCharge] = field(default_factory=list)
    refunds: list[ListedRefund] = field(default_factory=list)
    reservations: list[ListedReservation] = field(default_factory=list)
    shipments: list[ListedShipment] = field(default_factory=list)
    expenses: list[StoredExpense] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


async def check(stage: Stage, outcomes: Sequence[Outcome]) -> list[str]:
    """Add what is wrong to each outcome; return what is wrong with none of them alone."""
    books = await read_books(stage.client, stage.settings)
    facts: defaultdict[str, Facts] = defaultdict(Facts)
    for charge in books.ledgers.charges:
        facts[order_workflow_id(charge.order_id)].charges.append(charge)
    for refund in books.ledgers.refunds:
        facts[order_workflow_id(refund.order_id)].refunds.append(refund)
    for reservation in books.ledgers.reservations:
        facts[order_workflow_id(reservation.order_id)].reservations.append(reservation)
    for shipment in books.ledgers.shipments:
        facts[order_workflow_id(shipment.order_id)].shipments.append(shipment)
    for expense in books.ledgers.expenses:
        facts[receipt_workflow_id(expense.receipt_id)].expenses.append(expense)
    mails = defaultdict(list)
    for mail in list_mails(stage.settings.state_dir / "mailbox"):
        mails[mail.to].append(_text(Path(mail.file)))
    findings = defaultdict(list)
    for finding in (await audit(stage.client, stage.settings)).findings:
        # The clock of a run that was reset may be behind that of the first, which skipped days: so
        # its row in the archive looks like the older one.
        if finding.kind == "not_archived":
            continue
        findings[finding.about].append(f"audit: {finding.kind}, {finding.words}")
    for outcome in outcomes:
        known = facts[outcome.workflow_id]
        known.mails = mails[outcome.email]
        outcome.problems += findings.pop(outcome.workflow_id, [])
        if isinstance(outcome.state, OrderState):
            outcome.problems += _order_problems(outcome, outcome.state, known)
        elif isinstance(outcome.state, ReceiptState):
            outcome.problems += _receipt_problems(outcome.state, known)
    return [f"{about}: {words}" for about, found in findings.items() for words in found]


# --- orders ---------------------------------------------------------------------------------------


def _order_problems(outcome: Outcome, state: OrderState, known: Facts) -> list[str]:
    if outcome.case.situation.name == "order_of_another_id":
        return [] if known == Facts() else ["it did something"]
    found = []
    for what, rows in (("charged", known.charges), ("shipped", known.shipments)):
        if len({row.idempotency_key for row in rows}) < len(rows):
            found.append(f"{what} {len(rows)} times")
    if len(known.shipments) > 1:
        found.append("shipped more than once")
    shipped = bool(known.shipments)
    kept = sum(row.amount_cents for row in known.charges)
    kept -= sum(row.amount_cents for row in known.refunds)
    if kept != (state.total_cents if shipped else 0):
        found.append(f"{kept} cents kept, {'shipped' if shipped else 'not shipped'}")
    if shipped != (state.status is OrderStatus.COMPLETED):
        found.append(f"{state.status}, {'shipped' if shipped else 'not shipped'}")
    if any(row.status == "held" for row in known.reservations):
        found.append("stock is held")
    found += _wrong_ids(state, known) + _wrongly_told(known)
    if _must_be_completed(outcome, state) and not shipped:
        found.append(f"{state.status}, although nothing was undone: {state.reason}")
    return found


def _wrong_ids(state: OrderState, known: Facts) -> list[str]:
    key = step_key(order_workflow_id(state.order_id), CHARGE, state.try_number)
    ledger = _ids(known, key)
    return [
        f"the run knows the {name} {getattr(state, name)}, the ledger {one}"
        for name, one in ledger.items()
        if getattr(state, name) != one
    ]


def _ids(known: Facts, key: str) -> dict[str, str | None]:
    """Return the ids in the ledgers, those of the try whose charge has this key."""
    charges = [row for row in known.charges if row.idempotency_key == key]
    charged = {row.transaction_id for row in charges}
    refunds = [row.refund_id for row in known.refunds if row.transaction_id in charged]
    return {
        "transaction_id": charges[-1].transaction_id if charges else None,
        "refund_id": refunds[-1] if refunds else None,
        "shipment_id": known.shipments[-1].shipment_id if known.shipments else None,
    }


def _wrongly_told(known: Facts) -> list[str]:
    doubled = [text for text, times in Counter(known.mails).items() if times > 1]
    found = [f"told twice: {text}" for text in doubled]
    if not known.mails:
        return ["told nothing"]
    last, shipped = known.mails[-1], bool(known.shipments)
    told = [mail for mail in known.mails if "on its way" in mail]
    if len(told) != shipped:
        found.append(f"{len(told)} confirmations, {len(known.shipments)} shipments")
    if shipped:
        right = f"handed to the carrier as shipment {known.shipments[0].shipment_id}"
    elif known.charges:
        refunds = [row.refund_id for row in known.refunds]
        right = f"Your payment was refunded as {refunds[-1] if refunds else 'nothing'}, in full."
    else:
        right = "You were not charged."
    if right not in last:
        found.append(f"told wrongly: {last!r}, not {right!r}")
    return found


def _must_be_completed(outcome: Outcome, state: OrderState) -> bool:
    """Tell whether nobody said anything against the order, and its payment was never undone."""
    if outcome.case.after not in (After.LEFT, After.APPROVED):
        return False
    if outcome.was_undone or outcome.remembers_a_failure:
        return False
    rejected = state.approval is not None and not state.approval.approved
    expires = outcome.case.probe.needs_approval and state.approval is None
    return not rejected and not expires and outcome.remembers is not Remembers.UNDOING


# --- receipts -------------------------------------------------------------------------------------


def _receipt_problems(state: ReceiptState, known: Facts) -> list[str]:
    found = []
    if len(known.expenses) > 1 or (
        state.status is ReceiptStatus.COMPLETED
        and [row.expense_id for row in known.expenses] != [state.expense_id]
    ):
        found.append(f"{state.status}, {len(known.expenses)} expenses")
    if len(known.mails) > 1:
        found.append(f"{len(known.mails)} mails")
    for mail in known.mails:
        if not known.expenses:
            found.append("told of an expense that is not there")
        elif (total := _total(known.expenses[0])) not in mail:
            found.append(f"told {mail!r}, not {total}")
    return found


def _total(expense: StoredExpense) -> str:
    return wording.money(expense.total_cents, expense.currency)


def _text(file: Path) -> str:
    """Return subject and body of a mail."""
    with file.open("rb") as stream:
        mail = email.message_from_binary_file(stream, EmailMessage, policy=email.policy.default)
    return f"{mail['Subject']}\n{mail.get_content()}"
