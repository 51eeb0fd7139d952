"""Details of what was bought."""

from alembic import op
from sqlalchemy import JSON, Column, String

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "expense_details",
        Column("expense_id", String(20), primary_key=True),
        Column("details", JSON, nullable=False),
        if_not_exists=True,
    )
