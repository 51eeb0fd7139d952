"""The sandbox provider API: payments, inventory and shipping over HTTP, on loopback.

A stand-in without durability or idempotency would hide exactly the failures that the
order pipeline exists for: a charge made twice, an answer that got lost, stock that leaks.

Run it with ``python -m sandbox.provider_api``. Address and bearer key are those by which the
providers reach it: ``provider_api_url`` and ``provider_api_key`` of ``config.Settings``.
"""

import argparse
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config import Settings
from models import LARGEST_AMOUNT, CurrencyCode, Identifier, is_currency, not_a_currency
from sandbox.provider_api import effects
from sandbox.provider_api.effects import refusal
from sandbox.provider_api.idempotency import CrashPoint, IdempotentCalls, Request, in_progress
from sandbox.provider_api.ledger import Ledger
from sandbox.provider_api.scenarios import MAGIC, Call, Fault, sku_fault, token_fault
from sandbox.provider_api.stripe_api import StripeApi
from sandbox.provider_api.wire import (
    MAX_KEY_LENGTH,
    Refused,
    as_response,
    checked,
    deliver,
    guarded_by,
    idempotency_key,
    read_body,
)

logger = logging.getLogger(__name__)


def _in_use(code: str) -> str:
    if not is_currency(code):
        raise ValueError(not_a_currency(code))
    return code


_Text = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", max_length=255)]
_Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
_Currency = Annotated[CurrencyCode, AfterValidator(_in_use)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class _Charge(_Body):
    order_id: Identifier
    amount_cents: _Amount
    currency: _Currency
    payment_token: _Text


class _Refund(_Body):
    transaction_id: _Text
    amount_cents: _Amount
    currency: _Currency


class _Item(_Body):
    sku: Identifier
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class _Reservation(_Body):
    order_id: Identifier
    items: Annotated[list[_Item], Field(min_length=1, max_length=1_000)]


class _Shipment(_Body):
    order_id: Identifier
    reservation_id: _Text


class _KeyQuery(_Body):
    model_config = ConfigDict(extra="forbid")

    idempotency_key: Annotated[str, Field(min_length=1, max_length=MAX_KEY_LENGTH)]


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1_000)]
    starting_after: str | None = None


class _Forgetting(_Body):
    older_than_seconds: Annotated[float, Field(ge=0)] = 0


class ProviderApi:
    """The small contract of payments, inventory and shipping, on one ledger."""

    def __init__(self, ledger: Ledger, calls: IdempotentCalls) -> None:
        self._ledger = ledger
        self._calls = calls

    def routes(self) -> list[web.RouteDef]:
        """Return every route of the contract."""
        listings = ("charges", "refunds", "reservations", "shipments", "stock")
        return [
            web.post("/charges", self.charge),
            web.delete("/charges", partial(self.close_key, "charges")),
            web.post("/refunds", self.refund),
            web.post("/reservations", self.reserve),
            web.delete("/reservations", partial(self.close_key, "reservations")),
            web.delete("/reservations/{reservation_id}", self.release),
            web.post("/shipments", self.ship),
            web.post("/forget-keys", self.forget_keys),
            *(web.get(f"/{table}", partial(self.listing, table)) for table in listings),
        ]

    async def charge(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /charges: charge a card."""
        raw, body = await read_body(request, _Charge)
        key = idempotency_key(request)
        effect = partial(
            effects.charge,
            key=key,
            order_id=body.order_id,
            amount_cents=body.amount_cents,
            currency=body.currency,
            token=body.payment_token,
        )
        fault = token_fault(body.payment_token, Call.CHARGE)
        call = Request(Call.CHARGE, key, _content(request, raw), body.order_id, fault, effect)
        return await deliver(request, await self._calls.run(call))

    async def close_key(self, table: str, request: web.Request) -> web.StreamResponse:
        """Answer DELETE /charges?idempotency_key=: what was charged, and no more is, ever.

        The same for /reservations. A key that is being worked on is answered 409.
        """
        key = checked(dict(request.query), _KeyQuery).idempotency_key
        if self._calls.in_flight(key):
            raise Refused(in_progress(key))
        effect = partial(effects.close_key, table=table, key=key)
        return as_response(await self._ledger.change(effect))

    async def forget_keys(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /forget-keys: forget stored answers, as real providers do after a while."""
        _, body = await read_body(request, _Forgetting)
        forgotten = await self._ledger.forget_keys(body.older_than_seconds)
        return web.json_response({"forgotten": forgotten})

    async def refund(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /refunds: refund a charge or a part of it."""
        raw, body = await read_body(request, _Refund)
        key = idempotency_key(request)
        effect = partial(
            effects.refund,
            key=key,
            transaction_id=body.transaction_id,
            amount_cents=body.amount_cents,
            currency=body.currency,
        )
        charged = self._ledger.rows("charges", transaction_id=body.transaction_id)
        order_id = charged[0]["order_id"] if charged else None
        fault = effects.refund_fault(charged[0]) if charged else None
        call = Request(Call.REFUND, key, _content(request, raw), order_id, fault, effect)
        return await deliver(request, await self._calls.run(call))

    async def reserve(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /reservations: reserve stock."""
        raw, body = await read_body(request, _Reservation)
        key = idempotency_key(request)
        quantities: Counter[str] = Counter()
        for item in body.items:
            quantities[item.sku] += item.quantity
        effect = partial(effects.reserve, key=key, order_id=body.order_id, quantities=quantities)
        fault = _first_fault(list(quantities), Call.RESERVE)
        call = Request(Call.RESERVE, key, _content(request, raw), body.order_id, fault, effect)
        return await deliver(request, await self._calls.run(call))

    async def release(self, request: web.Request) -> web.StreamResponse:
        """Answer DELETE /reservations/{id}: return its items to the stock."""
        key = idempotency_key(request)
        reservation_id = request.match_info["reservation_id"]
        effect = partial(effects.release, reservation_id=reservation_id)
        order_id, fault = self._reservation_context(reservation_id, Call.RELEASE)
        call = Request(Call.RELEASE, key, _content(request, None), order_id, fault, effect)
        return await deliver(request, await self._calls.run(call))

    async def ship(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /shipments: ship a reservation."""
        raw, body = await read_body(request, _Shipment)
        key = idempotency_key(request)
        effect = partial(
            effects.ship, key=key, order_id=body.order_id, reservation_id=body.reservation_id
        )
        _, fault = self._reservation_context(body.reservation_id, Call.SHIP)
        call = Request(Call.SHIP, key, _content(request, raw), body.order_id, fault, effect)
        return await deliver(request, await self._calls.run(call))

    async def listing(self, table: str, request: web.Request) -> web.StreamResponse:
        """Answer GET of a table, filtered by any of its columns, or page by page.

        A key that is being worked on is answered 409: "there is no such charge" would come
        too early.
        """
        if table != "stock" and "limit" in request.query:
            return self._page(table, checked(dict(request.query), _Page))
        if unknown := set(request.query) - set(effects.PUBLIC[table]):
            known = ", ".join(effects.PUBLIC[table])
            raise Refused(
                refusal(400, "invalid_request", f"no filter {', '.join(unknown)}; there is {known}")
            )
        key = request.query.get("idempotency_key")
        if key is not None and self._calls.in_flight(key):
            raise Refused(in_progress(key))
        rows = self._ledger.rows(table, **dict(request.query))
        return web.json_response({"data": [effects.as_json(table, row) for row in rows]})

    def _page(self, table: str, page: _Page) -> web.Response:
        """Answer with the rows that follow one, oldest first, and whether there are more."""
        after = (effects.PUBLIC[table][0], page.starting_after) if page.starting_after else None
        rows = self._ledger.page(table, page.limit + 1, after)
        return web.json_response(
            {
                "data": [effects.as_json(table, row) for row in rows[: page.limit]],
                "has_more": len(rows) > page.limit,
            }
        )

    def _reservation_context(
        self, reservation_id: str, call: Call
    ) -> tuple[str | None, Fault | None]:
        rows = self._ledger.rows("reservations", reservation_id=reservation_id)
        if not rows:
            return None, None
        skus = [item["sku"] for item in json.loads(rows[0]["items"])]
        return rows[0]["order_id"], _first_fault(skus, call)


def build_app(
    database: Path, api_key: str, crash_point: CrashPoint | None = None
) -> web.Application:
    """Build the server on a ledger file."""
    ledger = Ledger(database)
    calls = IdempotentCalls(ledger, crash_point)
    app = web.Application(
        middlewares=[guarded_by(api_key, open_paths=frozenset({"/health", "/magic"}))]
    )
    app.add_routes(
        [
            web.get("/health", _health),
            web.get("/magic", _magic),
            *ProviderApi(ledger, calls).routes(),
            *StripeApi(ledger, calls).routes(),
        ]
    )

    async def own_the_ledger(_: web.Application) -> AsyncIterator[None]:
        yield
        await ledger.close()

    app.cleanup_ctx.append(own_the_ledger)
    return app


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _magic(_: web.Request) -> web.Response:
    return web.json_response({"data": [asdict(row) for row in MAGIC]})


def _content(request: web.Request, raw: Any) -> tuple[str, str, Any]:
    return request.method, request.path, raw


def _first_fault(skus: list[str], call: Call) -> Fault | None:
    return next((fault for sku in skus if (fault := sku_fault(sku, call))), None)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = Settings()
    address = urlsplit(settings.provider_api_url)
    parser = argparse.ArgumentParser(description="The sandbox provider API.")
    parser.add_argument("--host", default=address.hostname, help="address to listen on")
    parser.add_argument("--port", type=int, default=address.port, help="port; 0 is any free one")
    parser.add_argument(
        "--database",
        type=Path,
        default=settings.state_dir / "provider-api.sqlite3",
        help="SQLite file of the ledger",
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    crash_at = settings.sandbox_crash_at
    try:
        crash_point = CrashPoint.parse(crash_at, arguments.database) if crash_at else None
    except ValueError as error:
        parser.error(f"SANDBOX_CRASH_AT: {error}")
    api_key = settings.provider_api_key.get_secret_value()
    app = build_app(arguments.database, api_key, crash_point)
    web.run_app(
        app,
        host=arguments.host,
        port=arguments.port,
        access_log=None,
        shutdown_timeout=2.0,
        print=logger.info,
    )
