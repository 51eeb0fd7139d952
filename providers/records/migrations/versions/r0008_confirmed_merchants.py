"""Expenses whose merchant a person has named."""

from alembic import op
from sqlalchemy import Column, String

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "confirmed_merchants",
        Column("expense_id", String(20), primary_key=True),
        if_not_exists=True,
    )
