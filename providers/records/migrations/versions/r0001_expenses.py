"""Expenses and sent mails."""

from alembic import op
from sqlalchemy import BigInteger, Column, Date, DateTime, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "expenses",
        Column("expense_id", String(20), primary_key=True),
        Column("receipt_id", String(64), nullable=False, unique=True),
        Column("user_id", String(64), nullable=False),
        Column("merchant", String(200)),
        Column("total_cents", BigInteger, nullable=False),
        Column("currency", String(3), nullable=False),
        Column("date", Date),
        Column("parser", String(64), nullable=False),
        Column("corrected_by", String(500)),
        Column("object_key", String(512), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index("expenses_by_user", "expenses", ["user_id", "created_at"], if_not_exists=True)
    op.create_table(
        "sent_mails",
        Column("idempotency_key", String(512), primary_key=True),
        Column("message_id", String(512), nullable=False),
        Column("sent_at", DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
