"""One audit: read both sides, compare them, say what does not agree."""

from temporalio.client import Client
from temporalio.service import RPCError

from config import Settings
from providers.errors import ProviderError
from service.audit.books import read_books
from service.audit.rules import Audit, audit_books
from service.calls import reached
from service.errors import BadInput, Unreachable


async def audit(client: Client, settings: Settings) -> Audit:
    """Compare everything with everything; changes nothing.

    Raise BadInput if the payment provider's ledger cannot be listed, Unreachable if a ledger or
    Temporal does not answer.
    """
    if settings.payment_provider != "http":
        raise BadInput(
            f"PAYMENT_PROVIDER is {settings.payment_provider}: only payments over the HTTP "
            "contract can be listed; use the provider's own reports"
        )
    try:
        return audit_books(await reached(read_books(client, settings)))
    except (ProviderError, RPCError) as error:
        raise Unreachable(f"cannot audit: {error}") from None
