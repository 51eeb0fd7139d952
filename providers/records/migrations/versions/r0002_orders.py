"""The archive of ended orders."""

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, DateTime, Integer, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "orders",
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
        Column("token_digests", Text, nullable=False),
        Column("content", JSON, nullable=False),
        Column("outcome", JSON, nullable=False),
        if_not_exists=True,
    )
    op.create_index("orders_by_end", "orders", ["ended_at"], if_not_exists=True)
