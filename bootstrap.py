"""The composition root: builds providers from settings, and activities from providers.

Nothing else names an implementation, so another provider needs a change only here.
Implementations are imported inside the functions that build them, so that a command that needs
none of them starts fast.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from config import Settings
from providers.business_calendar import BusinessCalendar
from providers.identity import IdentityProvider
from providers.inventory import InventoryLedger, InventoryProvider
from providers.mail import MailProvider
from providers.object_store import ReceiptStore
from providers.ocr import PageReader, TextReader
from providers.payments import PaymentLedger, PaymentProvider
from providers.receipt_parser import ReceiptParser
from providers.records import (
    AccessKeys,
    ActionLog,
    ArchiveLedger,
    ExpenseBook,
    ExpenseLedger,
    OrderArchive,
    PersonalRecordsOf,
    RecordsSchema,
    SentMailLedger,
    SentMailRecords,
)
from providers.shipping import ShippingLedger, ShippingProvider

if TYPE_CHECKING:
    from activities.audit import Auditor
    from providers.records.database import Database
    from providers.transport.http_api import HttpApi

Activities = Sequence[Callable[..., Any]]
"""Activity methods, bound to the providers that they call."""

MAX_LEDGER_BYTES = 256 * 1024 * 1024
"""Largest answer with a whole ledger, of an API that knows no pages: about a million charges."""


# --- activities -------------------------------------------------------------------------------


@asynccontextmanager
async def provider_activities(settings: Settings) -> AsyncIterator[Activities]:
    """Yield the activities that call payment, inventory, shipping, mail, parser and records.

    The connections of their providers are closed at the end of the block.
    """
    from activities.business_hours import BusinessHoursActivities
    from activities.mails import MailActivities
    from activities.orders import OrderActivities
    from activities.receipts import ReceiptActivities

    async with AsyncExitStack() as closing:
        providers = order_providers(settings, closing)
        records = _records(settings, closing)
        mail = _mail(settings, records.sent, closing)
        orders = OrderActivities(
            providers.payments, providers.inventory, providers.shipping, mail, records.orders
        )
        receipts = ReceiptActivities(receipt_parser(settings, closing), records.expenses, mail)
        yield (
            *activities_of(orders),
            *activities_of(BusinessHoursActivities(business_calendar(settings))),
            *activities_of(receipts),
            *activities_of(MailActivities(mail)),
        )


def ocr_activities(settings: Settings) -> Activities:
    """Return the activity that reads text."""
    from activities.ocr import OcrActivities

    return activities_of(OcrActivities(object_store(settings), text_reader(settings)))


def audit_activities(auditor: "Auditor") -> Activities:
    """Return the activity of the nightly audit."""
    from activities.audit import AuditActivities

    return activities_of(AuditActivities(auditor))


def activities_of(owner: object) -> Activities:
    """Return all activity methods of an activities class."""
    methods = (getattr(owner, name) for name in dir(type(owner)) if not name.startswith("_"))
    return [method for method in methods if hasattr(method, "__temporal_activity_definition")]


# --- providers --------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrderProviders:
    """The providers of an order: payment, inventory and shipping."""

    payments: PaymentProvider
    inventory: InventoryProvider
    shipping: ShippingProvider


def order_providers(settings: Settings, closing: AsyncExitStack) -> OrderProviders:
    """Build the providers of an order; ``closing`` closes their connections."""
    http = http_order_providers(_http_api(settings, closing))
    if settings.payment_provider == "stripe":
        from providers.payments.stripe import StripePayments

        stripe = StripePayments(settings)
        closing.push_async_callback(stripe.close)
        return replace(http, payments=stripe)
    return http


def http_order_providers(api: "HttpApi") -> OrderProviders:
    """Build the providers of an order on one API that speaks the small HTTP contract."""
    from providers.inventory.http import HttpInventory
    from providers.payments.http import HttpPayments
    from providers.shipping.http import HttpShipping

    return OrderProviders(HttpPayments(api), HttpInventory(api), HttpShipping(api))


def business_calendar(settings: Settings) -> BusinessCalendar:
    """Build the calendar of business days; raise SettingsError if its settings name none."""
    from providers.business_calendar.opening_hours import opening_hours

    return opening_hours(settings)


def object_store(settings: Settings, attempts: int = 1) -> ReceiptStore:
    """Build the store of receipts; ``attempts`` is how often it tries one call.

    See ``S3ObjectStore`` for when to use more than one.
    """
    from providers.object_store.s3 import S3ObjectStore

    return S3ObjectStore(settings, attempts)


def expense_book(settings: Settings, closing: AsyncExitStack) -> ExpenseBook:
    """Build the expenses as people change them; ``closing`` closes their connections."""
    from providers.records.edits import SqlExpenseBook

    return SqlExpenseBook(_records(settings, closing).database)


def order_archive(settings: Settings, closing: AsyncExitStack) -> OrderArchive:
    """Build the archive of ended orders; ``closing`` closes its connections."""
    return _records(settings, closing).orders


def records_schema(settings: Settings, closing: AsyncExitStack) -> RecordsSchema:
    """Build the schema of all records; ``closing`` closes its connections."""
    return _records(settings, closing).database


def mail_provider(settings: Settings, closing: AsyncExitStack) -> MailProvider:
    """Build what sends mail, once each; ``closing`` closes its connections."""
    return _mail(settings, _records(settings, closing).sent, closing)


@dataclass(frozen=True)
class AccessRecords:
    """Who may do what, and what they did."""

    keys: AccessKeys
    log: ActionLog


def access_records(settings: Settings, closing: AsyncExitStack) -> AccessRecords:
    """Build the records of access keys and of actions; ``closing`` closes their connections."""
    from providers.records.access import SqlAccessKeys, SqlActionLog

    database = _records(settings, closing).database
    return AccessRecords(SqlAccessKeys(database), SqlActionLog(database))


def personal_records(settings: Settings, closing: AsyncExitStack) -> PersonalRecordsOf:
    """Build what finds and erases a person's records; ``closing`` closes their connections."""
    from providers.records.erasure import SqlPersonalRecords

    return SqlPersonalRecords(_records(settings, closing).database)


def identity_provider(settings: Settings, closing: AsyncExitStack) -> IdentityProvider:
    """Build the issuer of OIDC_ISSUER, which must be set; ``closing`` closes its connections."""
    from providers.identity.oidc import OidcIssuer

    issuer = OidcIssuer(settings)
    closing.push_async_callback(issuer.close)
    return issuer


def text_reader(settings: Settings) -> PageReader:
    """Build the reader of documents; the embedded engine is loaded with the first picture."""
    from providers.ocr.document_reader import DocumentReader

    return DocumentReader(picture_reader(settings), settings)


def receipt_parser(settings: Settings, closing: AsyncExitStack) -> ReceiptParser:
    """Build the receipt parser, or two that check each other; ``closing`` closes connections."""
    first = _parser_named(first_parser(settings), settings, closing)
    if settings.receipt_second_parser is None:
        return first
    from providers.receipt_parser.two_parsers import TwoParsers

    return TwoParsers(first, _parser_named(settings.receipt_second_parser, settings, closing))


def first_parser(settings: Settings) -> str:
    """Return the name of the parser that reads, or is checked by the second."""
    if settings.receipt_parser != "auto":
        return settings.receipt_parser
    return "openai" if settings.openai_api_key or settings.openai_base_url else "rules"


@dataclass(frozen=True)
class LedgerProviders:
    """What an audit reads: the providers' ledgers, our records and the stored receipts."""

    payments: PaymentLedger
    inventory: InventoryLedger
    shipping: ShippingLedger
    expenses: ExpenseLedger
    edits: ExpenseBook
    log: ActionLog
    sent_mails: SentMailLedger
    orders: ArchiveLedger
    receipts: ReceiptStore


def ledger_providers(settings: Settings, closing: AsyncExitStack) -> LedgerProviders:
    """Build the providers of an audit; ``closing`` closes their connections."""
    from providers.inventory.http_ledger import HttpInventoryLedger
    from providers.records.access import SqlActionLog
    from providers.records.edits import SqlExpenseBook
    from providers.shipping.http_ledger import HttpShippingLedger

    api = _http_api(settings, closing, max_body_bytes=MAX_LEDGER_BYTES)
    records = _records(settings, closing)
    receipts = object_store(settings)
    closing.callback(receipts.close)
    return LedgerProviders(
        _payment_ledger(settings, api, closing),
        HttpInventoryLedger(api),
        HttpShippingLedger(api),
        records.expenses,
        SqlExpenseBook(records.database),
        SqlActionLog(records.database),
        records.sent,
        records.orders,
        receipts,
    )


def _payment_ledger(settings: Settings, api: "HttpApi", closing: AsyncExitStack) -> PaymentLedger:
    if settings.payment_provider == "stripe":
        from providers.payments.stripe_ledger import StripePaymentLedger

        stripe = StripePaymentLedger(settings)
        closing.push_async_callback(stripe.close)
        return stripe
    from providers.payments.http_ledger import HttpPaymentLedger

    return HttpPaymentLedger(api)


# --- implementations --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Records:
    """All kinds of records, in one database."""

    expenses: ExpenseLedger
    sent: SentMailLedger
    orders: ArchiveLedger
    database: "Database"


def _records(settings: Settings, closing: AsyncExitStack) -> _Records:
    from providers.records.database import database_url
    from providers.records.orders import SqlOrderArchive
    from providers.records.sql import SqlRecords

    records = SqlRecords(database_url(settings))
    closing.push_async_callback(records.close)
    return _Records(records, records, SqlOrderArchive(records), records)


def _http_api(
    settings: Settings, closing: AsyncExitStack, max_body_bytes: int | None = None
) -> "HttpApi":
    from providers.transport.http_api import HttpApi
    from providers.transport.http_session import MAX_BODY_BYTES, HttpSession

    session = HttpSession(max_body_bytes=max_body_bytes or MAX_BODY_BYTES)
    api = HttpApi(settings.provider_api_url, settings.provider_api_key, session)
    closing.push_async_callback(api.close)
    return api


def _mail(settings: Settings, sent: SentMailRecords, closing: AsyncExitStack) -> MailProvider:
    if settings.mail_provider == "ses":
        from providers.mail.ses import SesMail

        ses = SesMail(settings, sent)
        closing.callback(ses.close)
        return ses
    from providers.mail.smtp import SmtpMail

    return SmtpMail(settings, sent)


def _parser_named(name: str, settings: Settings, closing: AsyncExitStack) -> ReceiptParser:
    from providers.receipt_parser.confined_reading import ConfinedReading, ConfinedRulesParser

    reading = ConfinedReading(settings)
    closing.push_async_callback(reading.close)
    if name == "rules":
        return ConfinedRulesParser(reading)
    if name == "openai":
        from providers.receipt_parser.openai import OpenAiParser

        asking = OpenAiParser(settings, reading)
        closing.push_async_callback(asking.close)
        return asking
    store = object_store(settings)
    closing.callback(store.close)
    if name == "vision":
        from providers.receipt_parser.vision import VisionParser

        looking = VisionParser(settings, store, reading)
        closing.push_async_callback(looking.close)
        return looking
    from providers.receipt_parser.textract import TextractExpenseParser

    analyzing = TextractExpenseParser(settings, store, reading)
    closing.callback(analyzing.close)
    return analyzing


def picture_reader(settings: Settings) -> TextReader:
    """Build the reader of single pictures; the embedded engine is loaded with the first."""
    if settings.ocr_engine == "textract":
        from providers.ocr.textract import TextractReader

        return TextractReader(settings)
    from providers.ocr.rapid_ocr import RapidOcrReader

    return RapidOcrReader(settings)
