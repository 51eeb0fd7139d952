"""The tables of the sandbox's ledger, and how a file of an earlier version gets them.

No effect's idempotency key is unique here: a provider that has forgotten a key does the same
again, and a constraint that real providers lack would hide it.
"""

import sqlite3

_EFFECT = "idempotency_key TEXT NOT NULL, order_id TEXT NOT NULL, created_at TEXT NOT NULL"
_MONEY = "amount_cents INTEGER NOT NULL CHECK (amount_cents > 0), currency TEXT NOT NULL"
_EFFECTS = {
    "charges": f"""
        transaction_id TEXT PRIMARY KEY, {_EFFECT}, {_MONEY},
        refund_fault TEXT, refund_fault_number INTEGER, lands_at REAL NOT NULL DEFAULT 0
    """,
    "refunds": f"""
        refund_id TEXT PRIMARY KEY, transaction_id TEXT NOT NULL REFERENCES charges,
        {_EFFECT}, {_MONEY}, settles_at REAL NOT NULL DEFAULT 0, fails INTEGER NOT NULL DEFAULT 0
    """,
    "reservations": f"""
        reservation_id TEXT PRIMARY KEY, {_EFFECT}, items TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('held', 'released', 'shipped'))
    """,
    "shipments": f"""
        shipment_id TEXT PRIMARY KEY, {_EFFECT},
        reservation_id TEXT NOT NULL UNIQUE REFERENCES reservations
    """,
}
"""Tables whose rows are effects. ``lands_at`` and ``settles_at`` are in seconds since 1970: a
charge is there, and a refund has its end, from then on."""

_OTHERS = """
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    answered_at REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (
    key TEXT NOT NULL, kind TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_keys (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intents (
    intent_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL, order_id TEXT NOT NULL,
    created_at TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    currency TEXT NOT NULL, status TEXT NOT NULL, lands_at REAL NOT NULL DEFAULT 0,
    magic_token TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS stock (
    sku TEXT PRIMARY KEY, total INTEGER NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0),
    reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    CHECK (available + reserved + shipped = total)
) STRICT, WITHOUT ROWID;
"""

_INDEXED = (
    *((table, column) for table in _EFFECTS for column in ("order_id", "idempotency_key")),
    ("refunds", "transaction_id"),
    ("intents", "idempotency_key"),
)


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Make the tables that are missing, and change those of an earlier version."""
    # Not while a table is replaced that others refer to.
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("BEGIN IMMEDIATE")
    for statement in _OTHERS.split(";\n"):
        db.execute(statement)
    for table, columns in _EFFECTS.items():
        db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) STRICT")
    if "answered_at" not in _columns(db, "idempotency"):
        db.execute("ALTER TABLE idempotency ADD COLUMN answered_at REAL NOT NULL DEFAULT 0")
    if "settles_at" not in _columns(db, "refunds"):
        for table, columns in _EFFECTS.items():
            _replace(db, table, columns)
    for table, column in _INDEXED:
        db.execute(f"CREATE INDEX IF NOT EXISTS {table}_by_{column} ON {table} ({column})")
    db.execute("COMMIT")
    db.execute("PRAGMA foreign_keys = ON")


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]


def _replace(db: sqlite3.Connection, table: str, columns: str) -> None:
    """Replace a table as SQLite says (https://sqlite.org/lang_altertable.html#otheralter)."""
    # Table and columns are words of this module.
    names = ", ".join(_columns(db, table))
    db.execute(f"CREATE TABLE new_{table} ({columns}) STRICT")
    db.execute(f"INSERT INTO new_{table} ({names}) SELECT {names} FROM {table}")  # noqa: S608
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
