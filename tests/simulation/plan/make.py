"""Make the plan of a simulation: what happens, to which order or receipt, when. It is pure.

Only the seed decides, so that a run that found something can be made again. How far each run has
come when something happens to it is up to the machine; a plan says after which submission, and
after how much of the run's own time.
"""

import datetime as dt
import json
from collections.abc import Sequence
from random import Random

from models import Order, OrderItem
from sandbox.samples import ORDERS, RECEIPTS
from tests.simulation.plan.builds import pick_build
from tests.simulation.plan.steps import (
    NOW,
    Event,
    ForgetKeys,
    Kill,
    Operation,
    Part,
    Plan,
    Planned,
    PlannedOrder,
    PlannedReceipt,
    Step,
)

SUBMISSIONS_AN_EVENT = 9
"""About as many orders and receipts are submitted between two events."""

TOKENS = (
    *("tok_visa",) * 12,
    *("tok_declined", "tok_insufficient_funds", "tok_invalid"),
    *("tok_fail_503_1", "tok_fail_503_2", "tok_fail_503_9", "tok_rate_limited_1"),
    *("tok_drop_1", "tok_drop_2", "tok_drop_9", "tok_slow_800", "tok_hang_1"),
    *("tok_refund_fail_503_1", "tok_refund_drop_1", "tok_refund_slow_500", "tok_refund_hang_1"),
    *("tok_refund_pending_700", "tok_refund_bounce_1"),
)
SKUS = (
    *("mug", "keyboard", "coffee-beans") * 5,
    *("rare-vinyl", "last-one", "sku-out-of-stock", "sku-unknown"),
    *("sku-fail-503-1", "sku-fail-503-9", "sku-rate-limited-1", "sku-drop-1", "sku-drop-9"),
    *("sku-slow-500", "sku-hang-1"),
    *("sku-release-fail-503-1", "sku-release-drop-1", "sku-release-slow-500"),
    *("sku-ship-fail-503-1", "sku-ship-fail-503-9", "sku-ship-drop-1", "sku-ship-drop-9"),
)
MAILBOXES = (*("customer",) * 12, "drop", "bounce", "greylist-1", "greylist-3")
CURRENCIES = ("USD", "USD", "USD", "EUR", "GBP", "JPY", "KWD")
SAMPLE_ORDERS = tuple(sorted(path.stem for path in ORDERS.glob("*.json")))
SAMPLE_RECEIPTS = tuple(sorted(path.stem for path in RECEIPTS.glob("*.jpg")))

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


REAPPLY_EXCLUDES = (
    (),
    ("signal",),
    ("update",),
    ("signal", "update"),
    ("signal", "update", "nexus"),
)
"""What a reset does not apply again; the first is the server's default."""

ORDER_OPERATIONS = {
    Operation.APPROVE: 5,
    Operation.REJECT: 1,
    Operation.PAUSE: 2,
    Operation.RESUME: 1,
    Operation.EXPEDITE: 5,
    Operation.CANCEL: 3,
    Operation.SUBMIT_AGAIN: 2,
    Operation.SUBMIT_OTHER: 1,
    Operation.RESET: 3,
    Operation.RETRY: 3,
    Operation.TERMINATE: 1,
    Operation.NONSENSE: 2,
}
RECEIPT_OPERATIONS = {
    Operation.CORRECT: 5,
    Operation.CANCEL: 1,
    Operation.SUBMIT_AGAIN: 2,
    Operation.RESET: 2,
    Operation.RETRY: 2,
    Operation.TERMINATE: 1,
    Operation.NONSENSE: 1,
}
"""How likely each is, in parts of their sum."""


def make_plan(seed: int, orders: int, receipts: int) -> Plan:
    """Return the plan of a seed."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    kinds = [True] * orders + [False] * receipts
    random.shuffle(kinds)
    steps: list[Step] = []
    for number, is_order in enumerate(kinds):
        steps.append(_order(random, number) if is_order else _receipt(random, number))
        if random.random() < 1 / SUBMISSIONS_AN_EVENT:
            steps.append(_event(random))
    return Plan(tuple(steps))


# --- orders -------------------------------------------------------------------------------------


def _order(random: Random, number: int) -> PlannedOrder:
    order = _sample_order(random) if random.random() < 0.1 else _new_order(random, number)
    mailbox = random.choice(MAILBOXES)
    identified = order.model_copy(
        update={
            "order_id": f"sim-{number}",
            # Of the same domain as nobody else's, so that a mail is told by its address.
            "customer_email": f"{mailbox}@o{number}.example",
        }
    )
    is_large = order.total_cents > 50_000
    return PlannedOrder(identified, _order_operations(random, is_large))


def _sample_order(random: Random) -> Order:
    document = json.loads((ORDERS / f"{random.choice(SAMPLE_ORDERS)}.json").read_text())
    return Order.model_validate(document)


def _new_order(random: Random, number: int) -> Order:
    is_large = random.random() < 0.3
    skus = dict.fromkeys(random.choice(SKUS) for _ in range(random.choice((1, 1, 1, 2, 3))))
    return Order.model_validate(
        {
            "order_id": f"sim-{number}",
            "customer_id": f"cus_{number % 17}",
            "customer_email": "nobody@example.com",
            "payment_token": random.choice(TOKENS),
            "currency": random.choice(CURRENCIES),
            "items": tuple(
                OrderItem(
                    sku=sku,
                    quantity=random.randint(1, 2),
                    unit_price_cents=random.randint(30_000, 90_000)
                    if is_large
                    else random.randint(100, 9_000),
                )
                for sku in skus
            ),
        }
    )


def _order_operations(random: Random, is_large: bool) -> tuple[Planned, ...]:
    count = random.choice((0, 1, 1, 2, 2, 3, 3, 4, 6))
    chosen = _some(random, ORDER_OPERATIONS, count)
    if is_large and random.random() < 0.8:
        # Most are decided on, or nearly all of them would expire.
        decision = _planned(random, Operation.APPROVE)
        chosen.insert(random.choice((0, 0, 0, random.randint(0, len(chosen)))), decision)
    return tuple(chosen)


# --- receipts -----------------------------------------------------------------------------------


def _receipt(random: Random, number: int) -> PlannedReceipt:
    mailbox = random.choice((*MAILBOXES, None))
    drawn = "drawn-nothing" if random.random() < 0.15 else f"drawn-{random.randint(100, 9_999)}"
    return PlannedReceipt(
        name=f"sim-{number}",
        picture=random.choice(SAMPLE_RECEIPTS) if random.random() < 0.3 else drawn,
        # Few users: the same sample of the same user looks like a duplicate.
        user_id=f"user-{random.randint(1, 5)}",
        notify_email=f"{mailbox}@r{number}.example" if mailbox else None,
        operations=tuple(_some(random, RECEIPT_OPERATIONS, random.choice((0, 1, 1, 2, 3)))),
    )


# --- both ---------------------------------------------------------------------------------------


def _some(random: Random, likely: dict[Operation, int], count: int) -> list[Planned]:
    picked: Sequence[Operation] = random.choices(list(likely), list(likely.values()), k=count)
    return [_planned(random, operation) for operation in picked]


def _planned(random: Random, operation: Operation) -> Planned:
    soon = (NOW, NOW, random.uniform(0, 10) * MINUTE, random.uniform(0, 12) * HOUR)
    later = (random.uniform(0, 30) * HOUR, random.uniform(0, 5) * DAY)
    # What has not ended is not tried again.
    after = random.choice(later if operation is Operation.RETRY else (*soon, *later))
    without = random.choice(REAPPLY_EXCLUDES) if operation is Operation.RESET else ()
    # Whole seconds, which are read more easily.
    whole = dt.timedelta(seconds=round(after.total_seconds()))
    return Planned(operation, whole, random.random(), without)


def _event(random: Random) -> Event:
    part = random.choice(
        (
            *(Part.WORKER_1, Part.WORKER_2) * 3,
            *(Part.OCR, Part.PROVIDER_API, Part.S3, Part.MAILBOX),
            None,
            None,
        )
    )
    if part is None:
        return ForgetKeys()
    down = random.uniform(0, 2)
    if part is Part.MAILBOX:
        down *= 3  # an outage of hours, as waits are shortened
    is_worker = part in (Part.WORKER_1, Part.WORKER_2)
    return Kill(part, round(down, 1), pick_build(random) if is_worker else None)
