"""The plan of a chaos run, which depends only on its seed, so that a run can be repeated.

The plan decides on, resumes, expedites or cancels every order that would wait for a person or for a
business day, so that all runs end.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from models import Order, OrderItem
from tests.crash.steps import PARTS

VICTIMS = tuple(map(str, PARTS))
SUBMISSIONS_A_SECOND = 5.0
KILL_GAP_SECONDS = (2.0, 5.0)
DOWN_SECONDS = (0.0, 1.5)
DEEDS_SECONDS = 12.0
"""All deeds on an order happen within this time after its submission."""

TOKENS = (
    *("tok_visa",) * 10,
    *("tok_declined", "tok_insufficient_funds", "tok_invalid"),
    *("tok_fail_503_1", "tok_fail_503_2", "tok_rate_limited_1", "tok_drop_1", "tok_drop_2"),
    *("tok_slow_800", "tok_hang_1"),
    *("tok_refund_fail_503_1", "tok_refund_drop_1", "tok_refund_slow_500"),
)
SKUS = (
    *("mug", "keyboard", "coffee-beans") * 4,
    *("rare-vinyl", "last-one", "sku-out-of-stock", "sku-unknown"),
    *("sku-fail-503-1", "sku-rate-limited-1", "sku-drop-1", "sku-slow-500"),
    *("sku-release-fail-503-1", "sku-release-drop-1", "sku-ship-fail-503-1", "sku-ship-drop-1"),
)
MAILBOXES = (*("customer-{}",) * 12, "drop", "bounce", "greylist-1")
TEXT = "text"
"""The sample that is a PDF of text: read without OCR, whose engine takes seconds to load."""
SAMPLES = ("grocery", "hardware-cash", "pub-pounds", "baeckerei-angle", "cafe-coffee-stain")


class Deed(StrEnum):
    """What a person does to an order."""

    APPROVE = "approve"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    EXPEDITE = "expedite"
    CANCEL = "cancel"
    SUBMIT_AGAIN = "submit again"


@dataclass(frozen=True)
class PlannedOrder:
    """An order, submitted ``at`` seconds after the start, and its deeds, in seconds after that."""

    at: float
    order: Order
    deeds: tuple[tuple[float, Deed], ...]
    is_posted: bool
    """Over HTTP, as every second one is; otherwise as the terminal submits it."""


@dataclass(frozen=True)
class PlannedReceipt:
    """A sample photo with different bytes, submitted ``at`` seconds after the start."""

    at: float
    sample: str
    user_id: str
    notify_email: str


@dataclass(frozen=True)
class PlannedKill:
    """A kill, ``gap`` seconds after the previous victim is back; it stays down ``down`` seconds."""

    gap: float
    victim: str
    down: float


@dataclass(frozen=True)
class Plan:
    """Everything that happens; nothing is killed after ``kill_seconds``."""

    orders: tuple[PlannedOrder, ...]
    receipts: tuple[PlannedReceipt, ...]
    kills: tuple[PlannedKill, ...]
    kill_seconds: float


def make_plan(orders: int, receipts: int, seed: int, kills: int = 1_000) -> Plan:
    """Return the plan of a seed."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    span = (orders + receipts) / SUBMISSIONS_A_SECOND
    return Plan(
        orders=tuple(_order(random, number, span) for number in range(orders)),
        receipts=tuple(_receipt(random, number, span) for number in range(receipts)),
        kills=tuple(
            PlannedKill(
                gap=random.uniform(*KILL_GAP_SECONDS),
                victim=random.choice(VICTIMS),
                down=random.uniform(*DOWN_SECONDS),
            )
            for _ in range(kills)
        ),
        kill_seconds=span + DEEDS_SECONDS,
    )


def _order(random: Random, number: int, span: float) -> PlannedOrder:
    is_large = random.random() < 0.25
    price = random.randint(30_000, 90_000) if is_large else random.randint(100, 9_000)
    skus = random.sample(SKUS, k=random.choice((1, 1, 2)))
    order = Order(
        order_id=f"chaos-{number}",
        customer_id=f"cus_{number % 17}",
        customer_email=f"{random.choice(MAILBOXES).format(number)}@c{number}.example",
        payment_token=random.choice(TOKENS),
        currency=random.choice(("USD", "USD", "EUR")),
        items=tuple(
            OrderItem(sku=sku, quantity=random.randint(1, 2), unit_price_cents=price)
            for sku in dict.fromkeys(skus)
        ),
    )
    return PlannedOrder(
        random.uniform(0, span), order, tuple(_deeds(random)), is_posted=number % 2 == 0
    )


def _deeds(random: Random) -> list[tuple[float, Deed]]:
    """Return the deeds on an order; they include a decision even if the order needs none."""
    approved = random.random() < 0.8
    deeds = [(random.uniform(0, 6), Deed.APPROVE if approved else Deed.REJECT)]
    if random.random() < 0.15:
        paused = random.uniform(0, 4)
        deeds += [(paused, Deed.PAUSE), (paused + random.uniform(1, 6), Deed.RESUME)]
    if random.random() < 0.1:
        deeds.append((random.uniform(0, 5), Deed.SUBMIT_AGAIN))
    if random.random() < 0.2:
        deeds.append((random.uniform(0, DEEDS_SECONDS), Deed.CANCEL))
    deeds.append((random.uniform(0, DEEDS_SECONDS), Deed.EXPEDITE))
    return sorted(deeds)


def _receipt(random: Random, number: int, span: float) -> PlannedReceipt:
    mailbox = random.choice(MAILBOXES).format(number)
    return PlannedReceipt(
        at=random.uniform(0, span),
        sample=random.choice(SAMPLES),
        user_id=f"chaos-{number}",
        notify_email=f"{mailbox}@r{number}.example",
    )
