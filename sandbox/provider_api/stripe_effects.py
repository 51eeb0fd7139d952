"""What Stripe's calls on payment intents do to the ledger: opened, confirmed once, or cancelled.

An intent moves money when it is confirmed, and then it is a charge of the ledger with the same id.
"""

import sqlite3
import time
from typing import Any

from sandbox.provider_api.effects import insert, insert_charge, new_id, now, refusal
from sandbox.provider_api.ledger import Answer
from sandbox.provider_api.scenarios import (
    DECLINES,
    INVALID_TOKEN,
    Call,
    FaultKind,
    is_magic_token,
    token_fault,
)

OPEN, DECLINED, CONFIRMED = "requires_confirmation", "requires_payment_method", "confirmed"


def as_intent(row: sqlite3.Row) -> dict[str, Any]:
    """Return an intent as callers see it."""
    status = row["status"]
    if status == CONFIRMED:
        status = "processing" if row["lands_at"] > time.time() else "succeeded"
    return {
        "transaction_id": row["intent_id"],
        "amount_cents": row["amount_cents"],
        "received_cents": row["amount_cents"] if status == "succeeded" else 0,
        "currency": row["currency"],
        "status": status,
        "created_at": row["created_at"],
        "order_id": row["order_id"],
        "idempotency_key": row["idempotency_key"],
    }


def open_intent(
    db: sqlite3.Connection,
    *,
    key: str,
    order_id: str,
    amount_cents: int,
    currency: str,
    token: str | None,
    confirm: bool,
) -> Answer:
    """Make an intent; moves no money unless it is to be confirmed at once.

    Of the token only what it provokes is stored.
    """
    if token == INVALID_TOKEN:
        return refusal(400, "invalid_request", "the payment token is not valid")
    row = insert(
        db,
        "intents",
        intent_id=new_id("pi"),
        idempotency_key=key,
        order_id=order_id,
        created_at=now(),
        amount_cents=amount_cents,
        currency=currency,
        status=DECLINED if token is None else OPEN,
        magic_token=token if token and is_magic_token(token) else None,
    )
    return (
        confirm_intent(db, intent_id=row["intent_id"]) if confirm else Answer(200, as_intent(row))
    )


def confirm_intent(db: sqlite3.Connection, *, intent_id: str) -> Answer:
    """Charge the card of an intent that is open; any other state is an error."""
    row = _intent(db, intent_id)
    if row["status"] != OPEN:
        return _unexpected_state(row)
    token = row["magic_token"] or ""
    if token in DECLINES:
        _set(db, intent_id, status=DECLINED)
        return refusal(402, *DECLINES[token])
    fault = token_fault(token, Call.CHARGE)
    is_late = fault is not None and fault.kind is FaultKind.PROCESSING
    lands_at = time.time() + fault.number / 1_000 if fault is not None and is_late else 0.0
    insert_charge(
        db,
        token_fault(token, Call.REFUND),
        transaction_id=intent_id,
        idempotency_key=row["idempotency_key"],
        order_id=row["order_id"],
        amount_cents=row["amount_cents"],
        currency=row["currency"],
        lands_at=lands_at,
    )
    return Answer(200, as_intent(_set(db, intent_id, status=CONFIRMED, lands_at=lands_at)))


def cancel_intent(db: sqlite3.Connection, *, intent_id: str) -> Answer:
    """Cancel an intent that moved no money; it is never confirmed then."""
    row = _intent(db, intent_id)
    if row["status"] not in (OPEN, DECLINED):
        return _unexpected_state(row)
    return Answer(200, as_intent(_set(db, intent_id, status="canceled")))


def _intent(db: sqlite3.Connection, intent_id: str) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(
        "SELECT * FROM intents WHERE intent_id = ?", (intent_id,)
    ).fetchone()
    return row


def _set(
    db: sqlite3.Connection, intent_id: str, *, status: str, lands_at: float = 0.0
) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(
        "UPDATE intents SET status = ?, lands_at = ? WHERE intent_id = ? RETURNING *",
        (status, lands_at, intent_id),
    ).fetchone()
    return row


def _unexpected_state(row: sqlite3.Row) -> Answer:
    return refusal(
        400, "payment_intent_unexpected_state", f"the intent is {as_intent(row)['status']}"
    )
