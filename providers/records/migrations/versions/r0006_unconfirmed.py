"""What of an expense nobody has confirmed."""

from alembic import op
from sqlalchemy import Column, String

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "expense_unconfirmed",
        Column("expense_id", String(20), primary_key=True),
        Column("unconfirmed", String(500), nullable=False),
        if_not_exists=True,
    )
