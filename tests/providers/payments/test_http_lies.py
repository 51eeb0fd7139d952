"""Answers that do not match their request: none is taken for a success."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from providers.errors import (
    AnswerMismatch,
    ProviderError,
    UnexpectedAnswer,
)
from providers.transport.http_api import HttpApi
from tests.support.provider_api_server import serving
from tests.support.provider_requests import (
    Providers,
    charge_lookup,
    charge_request,
    providers_on,
    refund_request,
    release_request,
    reservation_request,
    shipment_request,
)

GOOD: dict[str, dict[str, Any]] = {
    "/charges": {
        "transaction_id": "t1",
        "idempotency_key": "order-7:charge",
        "order_id": "7",
        "amount_cents": 64_000,
        "currency": "USD",
    },
    "/refunds": {
        "refund_id": "r1",
        "transaction_id": "t1",
        "order_id": "7",
        "amount_cents": 64_000,
        "currency": "USD",
    },
    "/reservations": {
        "reservation_id": "res/../1",
        "idempotency_key": "order-7:reserve",
        "order_id": "7",
        "items": [{"sku": "rare-vinyl", "quantity": 2}],
    },
    "/shipments": {
        "shipment_id": "s1",
        "idempotency_key": "order-7:ship",
        "order_id": "7",
        "reservation_id": "res_1",
    },
}


@dataclass
class Liar:
    """A provider of the small HTTP contract with a wrong value in the answers of one table."""

    table: str = ""
    says: Any = None
    deleted: str = ""
    is_new: bool = False
    """Nothing was done yet."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        table = "/" + request.path.split("/")[1]
        row: Any = GOOD[table]
        lists = request.method == "GET" or bool(request.query)
        if request.method == "DELETE" and not lists:
            self.deleted = request.raw_path
        if table == self.table and isinstance(self.says, list):
            row = self.says
        elif table == self.table:
            row = row | self.says
        if lists and self.is_new:
            return web.json_response({"data": []})
        if not lists:
            return web.json_response(row if isinstance(row, dict) else row[0])
        return web.json_response({"data": [row] if isinstance(row, dict) else row})


CALLS: dict[str, Callable[[Providers], Awaitable[Any]]] = {
    "charge": lambda on: on.payments.charge(charge_request()),
    "find_charge": lambda on: on.payments.find_charge(charge_lookup()),
    "refund": lambda on: on.payments.refund(refund_request()),
    "reserve": lambda on: on.inventory.reserve(reservation_request()),
    "release": lambda on: on.inventory.release(release_request()),
    "ship": lambda on: on.shipping.schedule(shipment_request("res_1")),
    "find_shipment": lambda on: on.shipping.find_shipment("order-7:ship"),
}


LIES: list[tuple[str, str, Any, type[ProviderError]]] = [
    ("charge", "/charges", {"amount_cents": 6_400}, AnswerMismatch),
    ("charge", "/charges", {"currency": "EUR"}, AnswerMismatch),
    ("charge", "/charges", {"order_id": "8"}, AnswerMismatch),
    ("charge", "/charges", {"idempotency_key": "order-8:charge"}, AnswerMismatch),
    ("charge", "/charges", {"transaction_id": ""}, UnexpectedAnswer),
    ("charge", "/charges", {"transaction_id": None}, UnexpectedAnswer),
    ("charge", "/charges", {"transaction_id": "t" * 1_000}, UnexpectedAnswer),
    ("charge", "/charges", {"amount_cents": "64000"}, UnexpectedAnswer),
    ("find_charge", "/charges", {"idempotency_key": "order-8:charge"}, AnswerMismatch),
    ("find_charge", "/charges", [GOOD["/charges"]] * 2, AnswerMismatch),
    ("refund", "/charges", {"order_id": "8"}, AnswerMismatch),
    ("refund", "/charges", [GOOD["/charges"]] * 2, AnswerMismatch),
    ("refund", "/refunds", {"amount_cents": 1}, AnswerMismatch),
    ("refund", "/refunds", {"currency": "EUR"}, AnswerMismatch),
    ("refund", "/refunds", {"transaction_id": "t2"}, AnswerMismatch),
    ("refund", "/refunds", {"refund_id": ""}, UnexpectedAnswer),
    ("reserve", "/reservations", {"order_id": "8"}, AnswerMismatch),
    ("reserve", "/reservations", {"idempotency_key": "k"}, AnswerMismatch),
    ("reserve", "/reservations", {"items": []}, AnswerMismatch),
    ("reserve", "/reservations", {"items": [{"sku": "mug", "quantity": 2}]}, AnswerMismatch),
    ("release", "/reservations", {"order_id": "8"}, AnswerMismatch),
    ("release", "/reservations", [GOOD["/reservations"]] * 2, AnswerMismatch),
    ("ship", "/shipments", {"order_id": "8"}, AnswerMismatch),
    ("ship", "/shipments", {"reservation_id": "res_2"}, AnswerMismatch),
    ("ship", "/shipments", {"idempotency_key": "k"}, AnswerMismatch),
    ("find_shipment", "/shipments", {"idempotency_key": "k"}, AnswerMismatch),
    ("find_shipment", "/shipments", [GOOD["/shipments"]] * 2, AnswerMismatch),
]


@pytest.mark.parametrize(("name", "table", "says", "kind"), LIES)
async def test_an_answer_to_another_question_is_never_a_success(
    name: str, table: str, says: Any, kind: type[ProviderError]
) -> None:
    # Effects are looked for first: the lie may come with either answer.
    for is_new in {name in ("charge", "reserve", "ship"), False}:
        with pytest.raises(ProviderError) as caught:
            await call_liar(Liar(table, says, is_new=is_new), name)
        assert type(caught.value) is kind


@pytest.mark.parametrize("name", CALLS)
async def test_the_same_provider_without_its_lie_succeeds(name: str) -> None:
    honest = Liar("/refunds", []) if name == "find_charge" else Liar(is_new=name == "charge")
    answer = await call_liar(honest, name)
    assert set(answer.model_dump().values()) & {"t1", "res/../1", "s1"}


async def test_an_id_of_the_provider_cannot_lead_to_another_path() -> None:
    liar = Liar()
    await call_liar(liar, "release")
    assert liar.deleted == "/reservations/res%2F..%2F1"


async def call_liar(liar: Liar, name: str) -> Any:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", liar.handle)
    async with serving(app) as url:
        api = HttpApi(url, SecretStr("k"))
        try:
            return await CALLS[name](providers_on(api))
        finally:
            await api.close()
