"""What the sandbox's calls do to the ledger: the business rules of money and stock.

Each function runs inside the transaction that also stores its answer. It checks first and
writes last, so that a refusal leaves nothing behind.
"""

import datetime as dt
import json
import secrets
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from sandbox.provider_api.ledger import Answer
from sandbox.provider_api.scenarios import (
    DECLINES,
    INVALID_TOKEN,
    MAGIC_SKU_STOCK,
    Call,
    Fault,
    FaultKind,
    is_magic_sku,
    token_fault,
)

_EFFECT = ("idempotency_key", "order_id", "created_at")
_MONEY = ("transaction_id", "amount_cents", "currency")
PUBLIC: dict[str, tuple[str, ...]] = {
    "charges": (*_MONEY, *_EFFECT),
    "refunds": ("refund_id", *_MONEY, *_EFFECT),
    "reservations": ("reservation_id", "items", "status", *_EFFECT),
    "shipments": ("shipment_id", "reservation_id", *_EFFECT),
    "stock": ("sku", "total", "available", "reserved", "shipped"),
}
"""The columns of each table that callers see, and by which they may filter; the first is its id. A
refund is shown with its status, too."""


def as_json(table: str, row: sqlite3.Row) -> dict[str, Any]:
    """Return a row as callers see it."""
    shown = {column: row[column] for column in PUBLIC[table]}
    if table == "refunds":
        shown["status"] = refund_status(row)
    if table == "reservations":
        shown["items"] = json.loads(row["items"])
    return shown


def refund_status(row: sqlite3.Row) -> str:
    """Return what has become of a refund by now."""
    if row["settles_at"] > time.time():
        return "pending"
    return "failed" if row["fails"] else "succeeded"


def refusal(status: int, code: str, message: str, **more: Any) -> Answer:
    """Return an error in the one shape that every error of the API has."""
    return Answer(status, {"error": {"code": code, "message": message, **more}})


def charge(
    db: sqlite3.Connection, *, key: str, order_id: str, amount_cents: int, currency: str, token: str
) -> Answer:
    """Charge the card, unless the key was closed.

    Of the token only the fault that it asks of the refund is stored.
    """
    if token in DECLINES:
        code, message = DECLINES[token]
        return refusal(402, code, message)
    if token == INVALID_TOKEN:
        return refusal(400, "invalid_request", "the payment token is not valid")
    if _is_closed(db, key):
        return refusal(422, "payment_cancelled", f"no charge is made under {key} any more")
    row = insert_charge(
        db,
        token_fault(token, Call.REFUND),
        transaction_id=new_id("txn"),
        idempotency_key=key,
        order_id=order_id,
        amount_cents=amount_cents,
        currency=currency,
    )
    return Answer(201, as_json("charges", row))


def insert_charge(db: sqlite3.Connection, refund_fault: Fault | None, **values: Any) -> sqlite3.Row:
    """Write a charge, and the fault that its refund will have."""
    return insert(
        db,
        "charges",
        **values,
        created_at=now(),
        refund_fault=refund_fault.kind if refund_fault else None,
        refund_fault_number=refund_fault.number if refund_fault else None,
    )


def close_key(db: sqlite3.Connection, *, table: str, key: str) -> Answer:
    """Return the charges or reservations of a key, and make no more of them, ever."""
    # The table is a word of this package.
    query = f"SELECT * FROM {table} WHERE idempotency_key = ?"  # noqa: S608
    rows = db.execute(query, (key,)).fetchall()
    db.execute("INSERT OR IGNORE INTO closed_keys (key) VALUES (?)", (key,))
    return Answer(200, {"data": [as_json(table, row) for row in rows]})


def refund_fault(charged: sqlite3.Row) -> Fault | None:
    """Return the fault that the token of a charge asked of its refund."""
    kind, number = charged["refund_fault"], charged["refund_fault_number"]
    return Fault(FaultKind(kind), number) if kind else None


def refund(
    db: sqlite3.Connection, *, key: str, transaction_id: str, amount_cents: int, currency: str
) -> Answer:
    """Refund an amount; all refunds of a charge never exceed it."""
    charged = _one(db, "SELECT * FROM charges WHERE transaction_id = ?", transaction_id)
    if charged is None or charged["lands_at"] > time.time():
        return refusal(404, "unknown_charge", f"there is no charge {transaction_id}")
    if currency != charged["currency"]:
        return refusal(
            422, "currency_mismatch", f"the charge is in {charged['currency']}, not {currency}"
        )
    earlier = db.execute(
        "SELECT * FROM refunds WHERE transaction_id = ? ORDER BY rowid", (transaction_id,)
    ).fetchall()
    earlier = [row for row in earlier if refund_status(row) != "failed"]
    left = charged["amount_cents"] - sum(row["amount_cents"] for row in earlier)
    if left == 0:
        return refusal(
            422,
            "already_refunded",
            f"the charge {transaction_id} is refunded by {earlier[-1]['refund_id']}",
            refund=as_json("refunds", earlier[-1]),
        )
    if amount_cents > left:
        return refusal(
            422,
            "refund_exceeds_charge",
            f"{amount_cents} asked, {left} of {charged['amount_cents']} left to refund",
        )
    end = _end_of_refund(db, charged)
    row = insert(
        db,
        "refunds",
        refund_id=new_id("ref"),
        idempotency_key=key,
        order_id=charged["order_id"],
        transaction_id=transaction_id,
        amount_cents=amount_cents,
        currency=currency,
        created_at=now(),
        **end,
    )
    # A refund that fails does so after its answer.
    status = {"status": "pending"} if end["fails"] else {}
    return Answer(201, as_json("refunds", row) | status)


def _end_of_refund(db: sqlite3.Connection, charged: sqlite3.Row) -> dict[str, Any]:
    """Return when a new refund of this charge has its end, and whether it then fails."""
    fault = refund_fault(charged)
    if fault is not None and fault.kind is FaultKind.PENDING:
        return {"settles_at": time.time() + fault.number / 1_000, "fails": False}
    if fault is None or fault.kind is not FaultKind.BOUNCE:
        return {"settles_at": 0.0, "fails": False}
    (failed,) = db.execute(
        "SELECT count(*) FROM refunds WHERE transaction_id = ? AND fails",
        (charged["transaction_id"],),
    ).fetchone()
    return {"settles_at": 0.0, "fails": failed < fault.number}


def reserve(
    db: sqlite3.Connection, *, key: str, order_id: str, quantities: Mapping[str, int]
) -> Answer:
    """Reserve all items that are asked for, or none; none if the key was closed."""
    if _is_closed(db, key):
        return refusal(422, "reservation_cancelled", f"nothing is reserved under {key} any more")
    for sku, quantity in quantities.items():
        if is_magic_sku(sku):
            db.execute(
                "INSERT OR IGNORE INTO stock (sku, total, available) VALUES (?1, ?2, ?2)",
                (sku, MAGIC_SKU_STOCK),
            )
        available = _one(db, "SELECT available FROM stock WHERE sku = ?", sku)
        if available is None:
            return refusal(404, "unknown_sku", f"there is no SKU {sku}")
        if quantity > available["available"]:
            return refusal(
                422, "out_of_stock", f"{sku}: {quantity} asked, {available['available']} in stock"
            )
    _move(db, quantities, "available", "reserved")
    row = insert(
        db,
        "reservations",
        reservation_id=new_id("res"),
        idempotency_key=key,
        order_id=order_id,
        items=json.dumps([{"sku": sku, "quantity": n} for sku, n in quantities.items()]),
        created_at=now(),
        status="held",
    )
    return Answer(201, as_json("reservations", row))


def release(db: sqlite3.Connection, *, reservation_id: str) -> Answer:
    """Return reserved items to the stock; a second release changes nothing."""
    held = _one(db, "SELECT * FROM reservations WHERE reservation_id = ?", reservation_id)
    if held is None:
        return refusal(404, "unknown_reservation", f"there is no reservation {reservation_id}")
    if held["status"] == "shipped":
        return refusal(
            422, "already_shipped", f"the reservation {reservation_id} has been shipped already"
        )
    if held["status"] == "held":
        held = _settle(db, held, status="released", stock="available")
    return Answer(200, as_json("reservations", held))


def ship(db: sqlite3.Connection, *, key: str, order_id: str, reservation_id: str) -> Answer:
    """Ship reserved items: they leave the stock for good."""
    held = _one(db, "SELECT * FROM reservations WHERE reservation_id = ?", reservation_id)
    if held is None:
        return refusal(404, "unknown_reservation", f"there is no reservation {reservation_id}")
    if held["order_id"] != order_id:
        return refusal(
            422, "order_mismatch", f"the reservation {reservation_id} is of another order"
        )
    if held["status"] != "held":
        return refusal(
            422,
            f"already_{held['status']}",
            f"the reservation {reservation_id} has been {held['status']} already",
        )
    _settle(db, held, status="shipped", stock="shipped")
    row = insert(
        db,
        "shipments",
        shipment_id=new_id("shp"),
        idempotency_key=key,
        order_id=order_id,
        reservation_id=reservation_id,
        created_at=now(),
    )
    return Answer(201, as_json("shipments", row))


def _settle(db: sqlite3.Connection, held: sqlite3.Row, status: str, stock: str) -> sqlite3.Row:
    quantities = {item["sku"]: item["quantity"] for item in json.loads(held["items"])}
    _move(db, quantities, "reserved", stock)
    row: sqlite3.Row = db.execute(
        "UPDATE reservations SET status = ? WHERE reservation_id = ? RETURNING *",
        (status, held["reservation_id"]),
    ).fetchone()
    return row


def _move(db: sqlite3.Connection, quantities: Mapping[str, int], source: str, target: str) -> None:
    # The columns are words of this module; the CHECKs of the table forbid a negative shelf.
    db.executemany(
        f"UPDATE stock SET {source} = {source} - ?1, {target} = {target} + ?1 WHERE sku = ?2",  # noqa: S608
        [(quantity, sku) for sku, quantity in quantities.items()],
    )


def insert(db: sqlite3.Connection, table: str, **values: Any) -> sqlite3.Row:
    """Write a row and return it."""
    names = ", ".join(values)
    slots = ", ".join(f":{name}" for name in values)
    # Table and columns are words of this module; the values are bound.
    query = f"INSERT INTO {table} ({names}) VALUES ({slots}) RETURNING *"  # noqa: S608
    row: sqlite3.Row = db.execute(query, values).fetchone()
    return row


def _is_closed(db: sqlite3.Connection, key: str) -> bool:
    return _one(db, "SELECT * FROM closed_keys WHERE key = ?", key) is not None


def _one(db: sqlite3.Connection, query: str, value: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(query, (value,)).fetchone()
    return row


def new_id(prefix: str) -> str:
    """Return an id that nobody has yet."""
    return f"{prefix}_{secrets.token_hex(10)}"


def now() -> str:
    """Return the time as the ledger writes it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
