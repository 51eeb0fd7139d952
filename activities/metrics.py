"""What activities count: money, mails, pages and the errors of providers, on the SDK's own meter.

Temporal's own say that a step failed, but neither whose fault it was nor how much money moved.
``docs/metrics.md`` says what each means.
"""

import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from temporalio import activity

from models import Charge, MailReceipt, ReceiptFields, ReceiptText, Refund, RefundRequest
from providers.errors import ProviderError

PROVIDER_OF = {
    "charge_payment": "payments",
    "find_charge": "payments",
    "refund_payment": "payments",
    "settle_try": "payments",
    "reserve_inventory": "inventory",
    "release_inventory": "inventory",
    "schedule_shipment": "shipping",
    "find_shipment": "shipping",
    "send_confirmation": "mail",
    "send_cancellation": "mail",
    "send_mail": "mail",
    "notify_user": "mail",
    "archive_order": "records",
    "save_expense": "records",
    "extract_text": "ocr",
    "parse_receipt": "receipt_parser",
    "find_business_hours": "business_calendar",
    "audit_books": "ledgers",
}
"""Whom an activity calls first and foremost."""


def count_charge(charge: Charge, attempt: int) -> None:
    """Count the money of a charge, in minor units, where this step has moved it.

    Found by a later attempt, it is our own, whose answer was lost.
    """
    if charge.is_confirmed and (attempt > 1 or not charge.is_repeat):
        _count("pipelines_charged_minor_units", charge.amount_cents, currency=charge.currency)


def count_refund(request: RefundRequest, refund: Refund, attempt: int) -> None:
    """Count the money of a refund, as of a charge; nothing if there was nothing to refund."""
    if refund.refund_id is not None and (attempt > 1 or not refund.is_repeat):
        _count("pipelines_refunded_minor_units", request.amount_cents, currency=request.currency)


def count_error(error: ProviderError) -> None:
    """Count an attempt that a provider has failed, by the error's class."""
    provider = PROVIDER_OF.get(activity.info().activity_type, "other")
    _count("pipelines_provider_errors", 1, provider=provider, kind=type(error).__name__)


def count_reading(fields: ReceiptFields | None) -> None:
    """Count what a parser made of a receipt; None if it found no total."""
    is_accepted = fields is not None and fields.currency is not None and not fields.doubts
    _count("pipelines_receipts_parsed", 1, outcome="accepted" if is_accepted else "review")


async def counted_mail(sending: Coroutine[Any, Any, MailReceipt]) -> MailReceipt:
    """Send a mail, and count whether this attempt was taken."""
    try:
        receipt = await sending
    except ProviderError:
        _count("pipelines_mails", 1, outcome="failed")
        raise
    _count("pipelines_mails", 1, outcome="sent")
    return receipt


async def measured_reading(reading: Coroutine[Any, Any, ReceiptText]) -> ReceiptText:
    """Read a text, and record how long that took and how many pages it has."""
    began = time.monotonic()
    text = await reading
    took = timedelta(seconds=time.monotonic() - began)
    meter = activity.metric_meter()
    meter.create_histogram_timedelta("pipelines_ocr_duration", unit="duration").record(took)
    _count("pipelines_ocr_pages", max(1, len(text.pages)))
    return text


def _count(name: str, more: int, **labels: str) -> None:
    activity.metric_meter().create_counter(name).add(more, labels)
