"""What must be true at the end of a simulation, from what others hold: ledgers, mailbox, server.

Nothing here asks the pipelines' own code what it thinks it did, and nothing repeats how it counts:
an oracle that did would make the same mistake.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What can be wrong, as the last line of a simulation counts it."""

    LOST = "lost"
    DOUBLED = "doubled"
    SHIPPED_UNPAID = "shipped_unpaid"
    OWED = "owed"
    TOLD_WRONG = "told_wrong"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and with which run."""

    kind: FaultKind
    about: str
    words: str


@dataclass(frozen=True)
class ChargeFact:
    """A charge as the provider has it; ``at`` is in seconds since the epoch, as everywhere."""

    transaction_id: str
    amount: int
    at: float
    key: str = ""


@dataclass(frozen=True)
class RefundFact:
    """A refund as the provider has it."""

    refund_id: str
    transaction_id: str
    amount: int
    at: float
    is_good: bool = True


@dataclass(frozen=True)
class MailFact:
    """A mail as it lies in the mailbox."""

    message_id: str
    subject: str
    body: str
    at: float


@dataclass(frozen=True)
class OrderFacts:
    """An order that was acknowledged, and what everybody holds of it.

    ``status`` is None if nobody knows the order, and ``open`` if it has not ended. ``says_owed``:
    status or audit say that something of it is owed. ``reopened`` are the times of its resets and
    retries, ``retried`` of its retries alone.
    """

    workflow_id: str
    total: int
    status: str | None
    charges: tuple[ChargeFact, ...] = ()
    refunds: tuple[RefundFact, ...] = ()
    shipped_at: tuple[float, ...] = ()
    reservations: tuple[str, ...] = ()
    mails: tuple[MailFact, ...] = ()
    reopened: tuple[float, ...] = ()
    retried: tuple[float, ...] = ()
    was_terminated: bool = False
    says_owed: bool = False
    claims_told: bool = False


@dataclass(frozen=True)
class ReceiptFacts:
    """A receipt that was acknowledged, and what everybody holds of it."""

    workflow_id: str
    status: str | None
    expenses: int = 0
    mails: tuple[MailFact, ...] = ()
    claims_told: bool = False


OPEN = "open"

ON_ITS_WAY = "is on its way"
NOT_CHARGED = "You were not charged"
REFUNDED_AS = "refunded as "

ENDINGS = {
    "completed": ON_ITS_WAY,
    "rejected": "was not approved",
    "approval_expired": "was not approved in time",
    "payment_failed": "could not be paid",
    "out_of_stock": "cannot be delivered",
    "cancelled": "was cancelled",
    "failed": "could not be fulfilled",
}
"""How the subject of the mail ends that tells how an order ended."""


# --- orders -------------------------------------------------------------------------------------


def faults_of_order(order: OrderFacts) -> list[Fault]:
    """Return everything that is wrong with an order."""
    found = [*_lost(order), *_doubled(order), *_unpaid_or_owed(order), *_told_wrong(order)]
    return [Fault(kind, order.workflow_id, f"{order.status}: {words}") for kind, words in found]


Found = Iterator[tuple[FaultKind, str]]


def _lost(order: OrderFacts) -> Found:
    if order.status is None:
        yield FaultKind.LOST, "nobody knows it"
    elif order.status == OPEN:
        yield FaultKind.LOST, "it never ended"
    elif order.status == "completed" and not (order.charges and order.shipped_at):
        what = "charged" if order.shipped_at else "shipped"
        yield FaultKind.LOST, f"it was not {what}"
    held = order.reservations.count("held")
    if held and order.status != OPEN and not (order.was_terminated and order.says_owed):
        yield FaultKind.LOST, "its stock is still held"
    if order.claims_told and not order.mails:
        yield FaultKind.LOST, "its customer counts as told and got no mail"


def _doubled(order: OrderFacts) -> Found:
    if len(order.shipped_at) > 1:
        yield FaultKind.DOUBLED, f"shipped {len(order.shipped_at)} times"
    for key, times in Counter(charge.key for charge in order.charges).items():
        if times > 1:
            yield FaultKind.DOUBLED, f"charged {times} times under {key}"
    kept = [charge for charge in order.charges if _given_back(order, charge) < charge.amount]
    if len(kept) > 1:
        yield FaultKind.DOUBLED, f"{len(kept)} charges were kept"
    for charge in order.charges:
        if _given_back(order, charge) > charge.amount:
            yield FaultKind.DOUBLED, f"more than all of {charge.transaction_id} was refunded"
        if charge.amount != order.total:
            yield FaultKind.DOUBLED, f"{charge.amount} were charged for {order.total}"
    if len([one for one in order.reservations if one != "released"]) > 1:
        yield FaultKind.DOUBLED, f"its reservations are {', '.join(order.reservations)}"
    for subject, ids in _ids_by_subject(order.mails).items():
        # Whoever begins an order anew has it end, and be told, once more.
        if len(ids) > 1 + len(order.reopened):
            yield FaultKind.DOUBLED, f"{len(ids)} different mails '{subject}'"


def _unpaid_or_owed(order: OrderFacts) -> Found:
    paid = sum(charge.amount - _given_back(order, charge) for charge in order.charges)
    if order.shipped_at:
        if paid < order.total:
            yield FaultKind.SHIPPED_UNPAID, f"{paid} of {order.total} were paid"
    elif paid > 0 and order.status != OPEN and not (order.was_terminated and order.says_owed):
        yield FaultKind.OWED, f"{paid} were paid, nothing was shipped"


def _given_back(order: OrderFacts, charge: ChargeFact) -> int:
    return sum(
        refund.amount
        for refund in order.refunds
        if refund.is_good and refund.transaction_id == charge.transaction_id
    )


def _ids_by_subject(mails: tuple[MailFact, ...]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {}
    for mail in mails:
        ids.setdefault(mail.subject, set()).add(mail.message_id)
    return ids


# --- what customers were told -------------------------------------------------------------------


def _told_wrong(order: OrderFacts) -> Found:
    for mail in order.mails:
        yield from _untrue(order, mail)
    # A mail tells the end that an order had then. Only who begins it anew changes that.
    subjects = sorted({mail.subject for mail in order.mails})
    if len(subjects) > 1 and not order.reopened:
        yield FaultKind.TOLD_WRONG, f"told {' and '.join(map(repr, subjects))}"
    expected = ENDINGS.get(order.status or "")
    if expected and not order.reopened and not order.was_terminated:
        for subject in subjects:
            if not subject.endswith(expected):
                yield FaultKind.TOLD_WRONG, f"told {subject!r}"


def _untrue(order: OrderFacts, mail: MailFact) -> Found:
    """Say what of a mail was not true when it came."""
    is_shipped = any(at <= mail.at for at in order.shipped_at)
    is_confirmation = mail.subject.endswith(ON_ITS_WAY)
    if is_confirmation and not is_shipped:
        yield FaultKind.TOLD_WRONG, f"told {mail.subject!r}, and it was not shipped"
    if not is_confirmation and is_shipped:
        yield FaultKind.TOLD_WRONG, f"told {mail.subject!r} after it was shipped"
    # A mail speaks of one try; a try begins only when nothing of the earlier ones is kept.
    began = max((at for at in order.retried if at <= mail.at), default=0.0)
    charged = [charge for charge in order.charges if began <= charge.at <= mail.at]
    if NOT_CHARGED in mail.body and charged:
        ids = ", ".join(charge.transaction_id for charge in charged)
        yield FaultKind.TOLD_WRONG, f"told {NOT_CHARGED!r}, and charged as {ids}"
    if REFUNDED_AS in mail.body:
        named = mail.body.partition(REFUNDED_AS)[2].split(",")[0].split()[0].rstrip(".")
        if not any(one.refund_id == named and one.is_good for one in order.refunds):
            yield FaultKind.TOLD_WRONG, f"told of the refund {named}, which there is not"


# --- receipts -----------------------------------------------------------------------------------

RECEIPT_ENDINGS = ("completed", "failed", "cancelled", "terminated")


def faults_of_receipt(receipt: ReceiptFacts) -> list[Fault]:
    """Return everything that is wrong with a receipt."""
    found = list(_receipt(receipt))
    return [Fault(kind, receipt.workflow_id, f"{receipt.status}: {words}") for kind, words in found]


def _receipt(receipt: ReceiptFacts) -> Found:
    if receipt.status not in RECEIPT_ENDINGS:
        yield FaultKind.LOST, "nobody knows it" if receipt.status is None else "it never ended"
    if receipt.status == "completed" and not receipt.expenses:
        yield FaultKind.LOST, "no expense was saved"
    if receipt.expenses > 1:
        yield FaultKind.DOUBLED, f"{receipt.expenses} expenses were saved"
    if receipt.mails and not receipt.expenses:
        yield FaultKind.TOLD_WRONG, "told of an expense, and there is none"
    if len({mail.message_id for mail in receipt.mails}) > 1:
        yield FaultKind.DOUBLED, "told in different mails"
    if receipt.claims_told and not receipt.mails:
        yield FaultKind.LOST, "its user counts as told and got no mail"
