"""Who acts at this terminal. A log that cannot be written keeps nobody from acting."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from commands.terminal.output import Output
from config import Settings, SettingsError
from models import DecisionChannel
from service.access.log import Doer
from service.access.records import opened_access


@asynccontextmanager
async def acting(who: str, settings: Settings, output: Output) -> AsyncIterator[Doer | None]:
    """Yield who acts, as they say, or None with a warning if the log cannot even be opened."""
    async with AsyncExitStack() as closing:
        doer = None
        try:
            access = await closing.enter_async_context(opened_access(settings))
        except (SettingsError, OSError) as error:
            output.warning(f"the action is not logged: {error}")
        else:
            doer = Doer(who, DecisionChannel.TERMINAL, access.log, output.warning)
        yield doer
