"""What people have made of saved expenses."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, String

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "expense_edits",
        Column("expense_id", String(20), primary_key=True),
        Column("merchant", String(200)),
        Column("total_cents", BigInteger, nullable=False),
        Column("currency", String(3), nullable=False),
        Column("date", Date),
        Column("is_deleted", Boolean, nullable=False),
        Column("edited_by", String(500), nullable=False),
        Column("edited_at", DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
