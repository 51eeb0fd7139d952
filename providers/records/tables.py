"""The tables of our records: expenses, sent mails, and the orders that have ended.

The database enforces unique keys: one row per receipt, one row per mail, one row per order.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from models import MAX_MERCHANT_CHARACTERS

TABLES = MetaData()

EXPENSES = Table(
    "expenses",
    TABLES,
    Column("expense_id", String(20), primary_key=True),
    Column("receipt_id", String(64), nullable=False, unique=True),
    Column("user_id", String(64), nullable=False),
    Column("merchant", String(MAX_MERCHANT_CHARACTERS)),
    Column("total_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("date", Date),
    Column("parser", String(64), nullable=False),
    Column("corrected_by", String(500)),
    Column("object_key", String(512), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("expenses_by_user", "user_id", "created_at"),
)
SENT_MAILS = Table(
    "sent_mails",
    TABLES,
    Column("idempotency_key", String(512), primary_key=True),
    Column("message_id", String(512), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
)

ORDERS = Table(
    "orders",
    TABLES,
    Column("order_id", String(64), primary_key=True),
    Column("customer_id", String(64), nullable=False),
    Column("status", String(32), nullable=False),
    Column("total_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("try_number", Integer, nullable=False),
    Column("workflow_id", String(255), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("first_run_id", String(64), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    # Separated by blanks, so that one statement can add one.
    Column("token_digests", Text, nullable=False),
    # As JSON, because both get more fields from version to version.
    Column("content", JSON, nullable=False),
    Column("outcome", JSON, nullable=False),
    Index("orders_by_end", "ended_at"),
)
