"""What Alembic runs for each of its commands: on the connection and in the transaction of ours."""

from alembic import context

from providers.records.schema import VERSION_TABLE, is_ours
from providers.records.tables import TABLES

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    version_table=VERSION_TABLE,
    include_name=is_ours,
)
context.run_migrations()
