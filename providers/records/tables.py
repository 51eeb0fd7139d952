"""The tables of our records: expenses, sent mails, ended orders, access keys and what people did.

The database enforces unique keys: one row per receipt, one row per mail, one row per order.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from models import (
    MAX_MERCHANT_CHARACTERS,
    MAX_OUTCOME_CHARACTERS,
    MAX_SUBJECT_CHARACTERS,
    MAX_WHO_CHARACTERS,
)

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
UNCONFIRMED = Table(
    "expense_unconfirmed",
    TABLES,
    # Beside the expenses, whose table exists already where this is new.
    Column("expense_id", String(20), primary_key=True),
    Column("unconfirmed", String(500), nullable=False),
)
EXPENSE_DETAILS = Table(
    "expense_details",
    TABLES,
    Column("expense_id", String(20), primary_key=True),
    # As JSON, because there will be more of them from version to version.
    Column("details", JSON, nullable=False),
)
CONFIRMED_MERCHANTS = Table(
    "confirmed_merchants",
    TABLES,
    # The expenses whose merchant a person has named; the name itself is the expense's.
    Column("expense_id", String(20), primary_key=True),
)
EXPENSE_EDITS = Table(
    "expense_edits",
    TABLES,
    Column("expense_id", String(20), primary_key=True),
    Column("merchant", String(MAX_MERCHANT_CHARACTERS)),
    Column("total_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("date", Date),
    Column("is_deleted", Boolean, nullable=False),
    Column("edited_by", String(500), nullable=False),
    Column("edited_at", DateTime(timezone=True), nullable=False),
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

ACCESS_KEYS = Table(
    "access_keys",
    TABLES,
    Column("id", String(12), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(32), nullable=False),
    Column("secret_digest", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Index("access_keys_by_name", "name"),
)
ENDED_SESSIONS = Table(
    "ended_sessions",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("ended_at", DateTime(timezone=True), nullable=False),
)
ACTION_LOG = Table(
    "action_log",
    TABLES,
    Column(
        "id",
        BigInteger().with_variant(Integer(), "sqlite"),
        # Of the table itself: a sequence beside it would want a grant of its own.
        Identity(always=True),
        primary_key=True,
    ),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(MAX_WHO_CHARACTERS), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(MAX_SUBJECT_CHARACTERS), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("outcome", String(MAX_OUTCOME_CHARACTERS), nullable=False),
    Column("asked_id", BigInteger),
    Index("action_log_by_subject", "subject", "id"),
    # Or the number of a row that somebody deleted would be given again.
    sqlite_autoincrement=True,
)
