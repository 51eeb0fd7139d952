"""Builds from settings what asks each provider whether it can be used; changes nothing there.

Beside ``bootstrap.py``, which builds what works with them. Implementations are imported inside the
functions that need them, as there.
"""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TypeVar

from bootstrap import first_parser, order_providers, picture_reader
from config import Settings
from models import EffectLookup

Asked = TypeVar("Asked")

Probe = Callable[[], Awaitable[str]]
"""Returns in words what answered.

Raises SettingsError, Unauthorized, Unfit and the like for what does not get right by itself, and
another ProviderError for what may."""

_OF_NOBODY = "check-of-nobody"
"""The key of an effect that nobody asked for."""


def probes(settings: Settings, *, is_thorough: bool) -> dict[str, Probe]:
    """Return what asks each part, by its name; a thorough one may take seconds and memory."""
    asking: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "database": _database,
        "access keys": _access_keys,
        "bucket": _bucket if is_thorough else _bucket_for_reading,
        "ocr": _ocr_at_work if is_thorough else _ocr,
        "parser": _parsers,
        "payment": _payment,
        "inventory": _inventory,
        "shipping": _shipping,
        "mail": _mail,
    }
    return {name: partial(ask, settings) for name, ask in asking.items()}


# --- what we store in -------------------------------------------------------------------------


async def _database(settings: Settings) -> str:
    from providers.records.database import database_url
    from providers.records.probe import probe_records

    return await probe_records(database_url(settings))


async def _access_keys(settings: Settings) -> str:
    from providers.records.database import database_url
    from providers.records.probe import count_access_keys

    count = await count_access_keys(database_url(settings))
    return f"{count} in use" if count else "none yet: 'starter.py keys add' makes one"


async def _bucket(settings: Settings) -> str:
    from providers.object_store.s3_probe import probe_writing

    return await _aside(probe_writing, settings)


async def _bucket_for_reading(settings: Settings) -> str:
    from providers.object_store.s3_probe import probe_reading

    return await _aside(probe_reading, settings)


# --- what reads receipts ----------------------------------------------------------------------


async def _ocr(settings: Settings) -> str:
    if settings.ocr_engine == "textract":
        return await _credentials(settings)
    from providers.ocr.probe import probe_installed

    return probe_installed()


async def _ocr_at_work(settings: Settings) -> str:
    if settings.ocr_engine == "textract":
        return await _credentials(settings)  # a page would cost
    from providers.ocr.probe import probe_reading

    return await _aside(probe_reading, picture_reader(settings))


async def _parsers(settings: Settings) -> str:
    names = filter(None, (first_parser(settings), settings.receipt_second_parser))
    return "; ".join([await _parser(name, settings) for name in names])


async def _parser(name: str, settings: Settings) -> str:
    if name == "rules":
        return "the rules need nobody"
    if name == "textract":
        return await _credentials(settings)
    from providers.receipt_parser.language_model import LanguageModel

    async with AsyncExitStack() as closing:
        model = LanguageModel(settings)
        closing.push_async_callback(model.close)
        knows = await model.answers()
    said = "answers" if knows else "is not listed by its endpoint, which answers"
    return f"{name}: {model.name} {said}"


async def _credentials(settings: Settings) -> str:
    from providers.transport.aws_probe import probe_credentials

    return await _aside(probe_credentials, settings)


# --- orders and mail --------------------------------------------------------------------------


async def _payment(settings: Settings) -> str:
    async with AsyncExitStack() as closing:
        if settings.payment_provider == "stripe":
            from providers.payments.stripe import StripePayments

            stripe = StripePayments(settings)
            closing.push_async_callback(stripe.close)
            await stripe.answers()
            return f"Stripe at {_without_user(settings.stripe_api_url)} knows the key"
        payments = order_providers(settings, closing).payments
        await payments.payments_of(EffectLookup(idempotency_key=_OF_NOBODY))
    return _answers(settings)


async def _inventory(settings: Settings) -> str:
    async with AsyncExitStack() as closing:
        await order_providers(settings, closing).inventory.find_held(_OF_NOBODY)
    return _answers(settings)


async def _shipping(settings: Settings) -> str:
    async with AsyncExitStack() as closing:
        await order_providers(settings, closing).shipping.find_shipment(_OF_NOBODY)
    return _answers(settings)


def _answers(settings: Settings) -> str:
    return f"{_without_user(settings.provider_api_url)} knows the key"


async def _mail(settings: Settings) -> str:
    from providers.mail.probes import probe_ses, probe_smtp

    if settings.mail_provider == "ses":
        return await _aside(probe_ses, settings)
    return await probe_smtp(settings)


# --- how --------------------------------------------------------------------------------------


async def _aside(ask: Callable[[Asked], str], asked: Asked) -> str:
    """Call what blocks in a thread that nobody waits for: it may take longer than we do."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(said: str | None, error: Exception | None) -> None:
        if answer.done():  # nobody waits any more
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(said or "")

    def call() -> None:
        said, fault = None, None
        try:
            said = ask(asked)
        except Exception as error:
            fault = error
        with suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(settle, said, fault)

    threading.Thread(target=call, daemon=True).start()
    return await answer


def _without_user(url: str) -> str:
    """Return a URL without the user and the password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", url)
