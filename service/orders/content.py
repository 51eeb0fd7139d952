"""What an order is of, and whether two are the same, also if a later try was made by another card.

What they differ in is said by the names of the fields: a value may be a secret.
"""

from collections.abc import Sequence

from temporalio.client import Client

from models import ArchivedOrder, Order, OrderTry
from providers.records import token_digest
from service.errors import Refused
from service.runs.find import Run
from service.runs.history import started_with
from service.spelling import Spelling

PAID_WITH = "payment_token"


def as_submitted(order: OrderTry) -> Order:
    """Return what a person or a program submits to start this try."""
    return Order.model_validate(order.model_dump(include=set(Order.model_fields)))


def differing(
    submitted: Order, started: OrderTry, archived: ArchivedOrder | None = None
) -> list[str]:
    """Return the fields in which an order differs from the one that a run was started for.

    The payment token does only if no try of that order had it, as far as its run and the archive
    know.
    """
    names = _differing(submitted, as_submitted(started))
    digest = token_digest(submitted)
    is_earlier = digest == started.first_token_digest
    if is_earlier or (archived is not None and digest in archived.token_digests):
        return [name for name in names if name != PAID_WITH]
    return names


def differing_from_archived(submitted: Order, row: ArchivedOrder) -> list[str]:
    """Return the fields in which an order differs from an archived one.

    The payment token does only if no try of that order had it. A field that orders did not have
    then has its default.
    """
    content = {**row.content, PAID_WITH: submitted.payment_token}
    names = _differing(submitted, Order.model_validate(content))
    return names if token_digest(submitted) in row.token_digests else [*names, PAID_WITH]


def _differing(order: Order, other: Order) -> list[str]:
    return [name for name in Order.model_fields if getattr(order, name) != getattr(other, name)]


async def ordered(client: Client, found: Run | ArchivedOrder) -> Order | None:
    """Return what an order is of, for whoever looks at it; None if its input is no order.

    Of one that Temporal has forgotten it has no payment token. Raise TemporalGone.
    """
    if isinstance(found, Run):
        return await started_with(client, found.execution, OrderTry)
    content = {name: found.content[name] for name in Order.model_fields if name in found.content}
    return Order.model_validate({**content, PAID_WITH: "forgotten"})


class OtherContent(Refused):
    """An order whose id was used before for something else; ``names`` are the fields that differ.

    By whatever name ``spelling`` has for them.
    """

    def __init__(
        self, order_id: str, names: Sequence[str], spelling: Spelling | None = None
    ) -> None:
        said = [spelling.name(name, spelling.document) for name in names] if spelling else names
        differ = f" (other {', '.join(said)})" if said else ""
        super().__init__(
            f"order id {order_id!r} was used before for other content{differ}: "
            "submit the same content to join that run, or give the order a new id"
        )
        self.order_id = order_id
        self.names = names
