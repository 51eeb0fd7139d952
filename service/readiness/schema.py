"""The schema of the database: whether this version can work with it, and how it is migrated."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bootstrap import records_schema
from config import Settings, SettingsError
from providers.errors import ProviderError, SchemaRefused
from providers.records import RecordsSchema, SchemaState
from service.errors import DatabaseUnreachable, Failed


async def schema_of(settings: Settings) -> SchemaState:
    """Return where the schema of the database stands.

    Raise DatabaseUnreachable; Failed for an older file that cannot be migrated.
    """
    async with _opened(settings) as schema:
        return await schema.schema()


async def migrate(settings: Settings) -> SchemaState:
    """Bring the database to the newest revision; return where it stood.

    Raise DatabaseUnreachable; Failed if the database does not let us, with nothing changed.
    """
    async with _opened(settings) as schema:
        return await schema.migrate()


async def require_schema(settings: Settings) -> str | None:
    """Raise SettingsError for a database whose schema is older than this version needs.

    Return what to warn of: a newer one. It is no reason to stop: revisions only ever add, a deploy
    migrates before its workers start, and a rollback must be able to start beside what it left. A
    database that does not answer is none, either: whoever needs it waits, and then looks again.
    """
    try:
        state = await schema_of(settings)
    except DatabaseUnreachable:
        return None
    except Failed as error:
        raise SettingsError(str(error)) from None
    if state.is_older:
        raise SettingsError(str(state))
    return str(state) if state.is_newer else None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[RecordsSchema]:
    async with AsyncExitStack() as closing:
        try:
            yield records_schema(settings, closing)
        except SchemaRefused as error:
            raise Failed(str(error)) from None
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None
