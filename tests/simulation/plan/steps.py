"""What a plan of a simulation is made of: orders, receipts, what is done to them, and events."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from models import Order
from tests.simulation.plan.builds import Build

NOW = dt.timedelta(0)


class Operation(StrEnum):
    """What a person or a program does to an order or a receipt."""

    APPROVE = "approve"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    EXPEDITE = "expedite"
    CANCEL = "cancel"
    CORRECT = "correct"
    SUBMIT_AGAIN = "submit again"
    SUBMIT_OTHER = "submit other content"
    RESET = "reset"
    RETRY = "retry"
    TERMINATE = "terminate"
    NONSENSE = "send nonsense"


@dataclass(frozen=True)
class Planned:
    """An operation, ``after`` so much of the run's own time since the operation before.

    ``choice``, from 0 to below 1, picks one of what there is to pick: a front door, a point to
    reset to, a nonsense. ``without`` is what a reset does not apply again.
    """

    operation: Operation
    after: dt.timedelta = NOW
    choice: float = 0.0
    without: tuple[str, ...] = ()

    def pick(self, count: int) -> int:
        """Return one of the numbers from 0 to below ``count``."""
        return min(int(self.choice * count), count - 1)

    def __str__(self) -> str:
        after = f"after {self.after} " if self.after else ""
        without = f", without {' and '.join(self.without)}" if self.without else ""
        return f"{after}{self.operation} ({self.choice:.2f}{without})"


@dataclass(frozen=True)
class PlannedOrder:
    """An order and what is done to it, one after the other."""

    order: Order
    operations: tuple[Planned, ...]

    def __str__(self) -> str:
        order = self.order
        items = ", ".join(f"{i.quantity} x {i.sku} at {i.unit_price_cents}" for i in order.items)
        return (
            f"order {order.order_id}: {items} {order.currency}, "
            f"{order.payment_token.get_secret_value()}, {order.customer_email}"
        )


@dataclass(frozen=True)
class PlannedReceipt:
    """A picture and what is done to its run.

    ``picture`` names a sample, or what is drawn: ``drawn-CENTS``, or ``drawn-nothing``. ``name``
    makes its bytes different from those of all others.
    """

    name: str
    picture: str
    user_id: str
    notify_email: str | None
    operations: tuple[Planned, ...]

    def __str__(self) -> str:
        return f"receipt {self.name}: {self.picture} of {self.user_id}, {self.notify_email}"


class Part(StrEnum):
    """What can be killed: the names are those of the local stack and of our workers."""

    WORKER_1 = "worker-1"
    WORKER_2 = "worker-2"
    OCR = "ocr-worker"
    PROVIDER_API = "provider-api"
    S3 = "s3"
    MAILBOX = "mailbox"


@dataclass(frozen=True)
class Kill:
    """``kill -9`` of a part, which is down for some seconds of real time; a worker comes back
    as another build."""

    part: Part
    down_seconds: float
    build: Build | None = None

    def __str__(self) -> str:
        back = f", back as {self.build}" if self.build else ""
        return f"kill {self.part} for {self.down_seconds:.1f} s{back}"


@dataclass(frozen=True)
class ForgetKeys:
    """The provider forgets every idempotency key that it was ever given."""

    def __str__(self) -> str:
        return "the provider forgets its keys"


Event = Kill | ForgetKeys
Step = PlannedOrder | PlannedReceipt | Event


@dataclass(frozen=True)
class Plan:
    """Everything that happens, in the order in which it begins."""

    steps: tuple[Step, ...]

    @property
    def orders(self) -> tuple[PlannedOrder, ...]:
        """The orders, in the order of their submission."""
        return tuple(step for step in self.steps if isinstance(step, PlannedOrder))

    @property
    def receipts(self) -> tuple[PlannedReceipt, ...]:
        """The receipts, in the order of their submission."""
        return tuple(step for step in self.steps if isinstance(step, PlannedReceipt))

    def renamed(self, prefix: str) -> "Plan":
        """Return the same plan for other orders and receipts, so that it can be played again."""
        return Plan(tuple(_renamed(step, prefix) for step in self.steps))

    def lines(self) -> Iterator[str]:
        """Yield the plan in words, a step or an operation a line."""
        for step in self.steps:
            yield str(step)
            if not isinstance(step, Event):
                yield from (f"    {planned}" for planned in step.operations)


def _renamed(step: Step, prefix: str) -> Step:
    if isinstance(step, PlannedOrder):
        order = step.order.model_copy(
            update={
                "order_id": f"{prefix}{step.order.order_id}",
                "customer_email": _other_domain(step.order.customer_email, prefix),
            }
        )
        return replace(step, order=order)
    if isinstance(step, PlannedReceipt):
        to = step.notify_email
        return replace(
            step,
            name=f"{prefix}{step.name}",
            user_id=f"{prefix}{step.user_id}",
            notify_email=_other_domain(to, prefix) if to else None,
        )
    return step


def _other_domain(address: str, prefix: str) -> str:
    mailbox, _, domain = address.partition("@")
    return f"{mailbox}@{prefix}{domain}"
