"""Magic payment tokens and SKUs: every failure that a person can provoke, in one table.

Without them an outage can only be waited for. ``MAGIC`` is the documentation (the sandbox
serves it as ``GET /magic``); ``token_fault`` and ``sku_fault`` are the rules behind it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

RETRY_AFTER_SECONDS = 2
"""What a rate limited answer asks for in ``Retry-After``."""

DEFAULT_SLOW_MS = 1_000

STOCK: dict[str, int] = {
    "mug": 1_000_000,
    "coffee-beans": 1_000_000,
    "keyboard": 1_000_000,
    "laptop": 1_000_000,
    "rare-vinyl": 5,
    "last-one": 1,
    "sku-out-of-stock": 0,
}
"""Units of each SKU at the start."""

MAGIC_SKU_STOCK = 1_000_000
"""Units of a magic SKU, which is put on the shelf when it is first asked for."""

DECLINES: dict[str, tuple[str, str]] = {
    "tok_declined": ("card_declined", "the card was declined"),
    "tok_insufficient_funds": ("insufficient_funds", "the card has insufficient funds"),
}
"""Tokens that are always declined: error code and message."""

INVALID_TOKEN = "tok_invalid"  # noqa: S105 - a documented test token


class Call(StrEnum):
    """The calls that change something, by the name that crash points use."""

    CHARGE = "charge"
    REFUND = "refund"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    OPEN = "open"
    CANCEL = "cancel"


class FaultKind(StrEnum):
    """What a fault does to a call."""

    FAIL = "fail"
    RATE_LIMITED = "rate_limited"
    DROP = "drop"
    HANG = "hang"
    SLOW = "slow"
    PROCESSING = "processing"
    PENDING = "pending"
    BOUNCE = "bounce"


_TIMED = (FaultKind.SLOW, FaultKind.PROCESSING, FaultKind.PENDING)
_ONLY_AT = {
    FaultKind.PROCESSING: Call.CHARGE,
    FaultKind.PENDING: Call.REFUND,
    FaultKind.BOUNCE: Call.REFUND,
}
"""Faults that one call alone can have."""


@dataclass(frozen=True)
class Fault:
    """``number`` is how often it strikes for one idempotency key; milliseconds for ``_TIMED``."""

    kind: FaultKind
    number: int


@dataclass(frozen=True)
class MagicRow:
    """One line of the table: ``word`` is a payment token or a SKU, N a whole number."""

    word: str
    call: str
    effect: str


MAGIC: tuple[MagicRow, ...] = (
    MagicRow("tok_declined", "charge", "402 card_declined, permanently"),
    MagicRow("tok_insufficient_funds", "charge", "402 insufficient_funds, permanently"),
    MagicRow("tok_invalid", "charge", "400 invalid_request, permanently"),
    MagicRow("tok_fail_503_N", "charge", "503 N times, nothing done; then works"),
    MagicRow("tok_rate_limited_N", "charge", "429 with Retry-After: 2 N times; then works"),
    MagicRow("tok_drop_N", "charge", "does it, then closes the connection unanswered, N times"),
    MagicRow("tok_hang_N", "charge", "never answers and does nothing, N times; then works"),
    MagicRow("tok_slow_N", "charge", "works after N milliseconds"),
    MagicRow(
        "tok_processing_N",
        "charge",
        "Stripe answers `processing`, the charge lands after N ms; else as tok_slow_N",
    ),
    MagicRow("tok_refund_FAULT_N", "refund", "the same five faults at the refund"),
    MagicRow("tok_refund_pending_N", "refund", "answers `pending`, succeeds after N milliseconds"),
    MagicRow("tok_refund_bounce_N", "refund", "the first N are answered `pending`, and then fail"),
    MagicRow("any other token", "charge", "works"),
    MagicRow("sku-out-of-stock", "reserve", "422 out_of_stock (0 units; last-one has 1)"),
    MagicRow("sku-unknown", "reserve", "404 unknown_sku, as any SKU that is not in the stock"),
    MagicRow("sku-fail-503-N", "reserve", "503 N times, nothing done; then works"),
    MagicRow("sku-rate-limited-N", "reserve", "429 with Retry-After: 2 N times; then works"),
    MagicRow("sku-drop-N", "reserve", "does it, then closes the connection unanswered, N times"),
    MagicRow("sku-hang-N", "reserve", "never answers and does nothing, N times; then works"),
    MagicRow("sku-slow-N", "reserve", "works after N milliseconds"),
    MagicRow("sku-release-FAULT-N", "release", "the same five faults at the release"),
    MagicRow("sku-ship-FAULT-N", "ship", "the same five faults at the shipment"),
)
"""FAULT is fail-503, rate-limited, drop, hang or slow (with _ in tokens). Without -N it is
once, or 1,000 ms; a large N is for good. N counts for each idempotency key and survives
restarts. Of several magic SKUs in one order the first counts."""

_KIND = "fail|rate_limited|drop|hang|slow"
_REST = r"(?:(?<=fail)_503)?(?:_(?P<number>\d{1,6}))?"
_TOKEN = re.compile(
    rf"tok_(?:(?P<call>refund)_)?(?P<kind>{_KIND}|processing|pending|bounce){_REST}"
)
_SKU = re.compile(rf"sku_(?:(?P<call>release|ship)_)?(?P<kind>{_KIND}){_REST}")


def token_fault(token: str, call: Call) -> Fault | None:
    """Return the fault that this payment token provokes at this call."""
    return _fault(_TOKEN.fullmatch(token), call, default=Call.CHARGE)


def sku_fault(sku: str, call: Call) -> Fault | None:
    """Return the fault that this SKU provokes at this call."""
    return _fault(_SKU.fullmatch(sku.replace("-", "_")), call, default=Call.RESERVE)


def is_magic_token(token: str) -> bool:
    """Return whether the payment token provokes anything, so that it is no card's."""
    return token in DECLINES or _TOKEN.fullmatch(token) is not None


def is_magic_sku(sku: str) -> bool:
    """Return whether the SKU provokes a fault at any call."""
    return _SKU.fullmatch(sku.replace("-", "_")) is not None


def _fault(match: re.Match[str] | None, call: Call, default: Call) -> Fault | None:
    if match is None or (match["call"] or default) != call:
        return None
    kind = FaultKind(match["kind"])
    if _ONLY_AT.get(kind, call) != call:
        return None
    once = DEFAULT_SLOW_MS if kind in _TIMED else 1
    return Fault(kind, int(match["number"]) if match["number"] else once)
