"""Sessions that somebody has signed out of."""

from alembic import op
from sqlalchemy import Column, DateTime, String

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "ended_sessions",
        Column("id", String(64), primary_key=True),
        Column("ended_at", DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
