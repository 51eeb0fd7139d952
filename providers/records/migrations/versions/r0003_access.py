"""Access keys and the log of what people did."""

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, DateTime, Identity, Integer, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create what is missing: versions without revisions made each table on its first use."""
    op.create_table(
        "access_keys",
        Column("id", String(12), primary_key=True),
        Column("name", String(64), nullable=False),
        Column("role", String(32), nullable=False),
        Column("secret_digest", String(64), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("revoked_at", DateTime(timezone=True)),
        if_not_exists=True,
    )
    op.create_index("access_keys_by_name", "access_keys", ["name"], if_not_exists=True)
    op.create_table(
        "action_log",
        Column(
            "id",
            BigInteger().with_variant(Integer(), "sqlite"),
            Identity(always=True),
            primary_key=True,
        ),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("who", String(500), nullable=False),
        Column("channel", String(32), nullable=False),
        Column("action", String(32), nullable=False),
        Column("subject", String(1_000), nullable=False),
        Column("before", JSON),
        Column("after", JSON),
        Column("outcome", String(1_000), nullable=False),
        Column("asked_id", BigInteger),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("action_log_by_subject", "action_log", ["subject", "id"], if_not_exists=True)
