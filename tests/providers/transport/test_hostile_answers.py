"""An answer of nothing but wrong parts costs little: reading ends with the first of them."""

import tracemalloc
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from models import (
    ListedCharge,
    ListedReceipt,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    ListedStock,
)
from providers.identity import wire
from providers.inventory import http as inventory
from providers.payments import http as payments
from providers.payments import stripe_intents
from providers.shipping import http as shipping
from providers.transport.http_api import Listing
from providers.transport.http_session import MAX_BODY_BYTES

ROWS = (ListedCharge, ListedReceipt, ListedRefund, ListedReservation, ListedShipment, ListedStock)
LISTS = [
    model
    for module in (wire, inventory, payments, stripe_intents, shipping)
    for model in vars(module).values()
    if isinstance(model, type)
    and issubclass(model, BaseModel)
    and not model.__name__.endswith("Request")  # ours
    and any("tuple" in str(field.annotation) for field in model.model_fields.values())
]


def a_megabyte_of_nothing(name: str) -> bytes:
    return f'{{"{name}":['.encode() + b"{}," * (MAX_BODY_BYTES // 3 - 10) + b"{}]}"


@pytest.mark.parametrize(
    "model",
    [*(Listing.__class_getitem__(row) for row in ROWS), *LISTS],
    ids=lambda model: str(model.__name__),
)
def test_a_megabyte_of_empty_objects_costs_a_few_errors(model: Any) -> None:
    name = next(n for n, field in model.model_fields.items() if "tuple" in str(field.annotation))
    body = a_megabyte_of_nothing(name)
    tracemalloc.start()
    try:
        with pytest.raises(ValidationError) as refused:
            model.model_validate_json(body, strict=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.error_count() < 20
    assert peak < 100_000_000, "bytes, of which the objects themselves are most"


def test_every_list_was_found() -> None:
    assert len(LISTS) >= 6
