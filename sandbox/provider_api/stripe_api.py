"""Stripe's wire format on the sandbox's ledger: what the Stripe provider uses, and no more.

No local double of Stripe keeps its promise about idempotency keys, so the provider would be
tested against something that charges twice. Here a payment intent that was confirmed is a charge
of the ledger.
Shapes: https://docs.stripe.com/api/payment_intents, /api/refunds, /api/errors.
"""

import datetime as dt
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from models import Identifier
from sandbox.provider_api import effects, stripe_effects
from sandbox.provider_api.effects import refusal
from sandbox.provider_api.idempotency import IdempotentCalls, Outcome, Request
from sandbox.provider_api.ledger import Answer, Ledger
from sandbox.provider_api.scenarios import Call, Fault, FaultKind, token_fault
from sandbox.provider_api.stripe_currencies import at_stripe, in_ledger
from sandbox.provider_api.wire import Refused, checked, deliver, idempotency_key

SEARCH_LAG = dt.timedelta(minutes=1)
"""How long a payment stays unknown to the search, as Stripe warns; the list knows it at once."""

_SEARCH = re.compile(r"metadata\['idempotency_key'\]:'(?P<key>(?:[^'\\]|\\.)*)'")
_MAX_PAGE = 100
_ERROR_TYPES = {402: "card_error", 500: "api_error", 503: "api_error"}

_Amount = Annotated[int, Field(ge=1, le=999_999_999_999)]
_Currency = Annotated[str, Field(pattern=r"^[a-z]{3}$")]


class _Form(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class _Intent(_Form):
    amount: _Amount
    currency: _Currency
    payment_method: Annotated[str | None, Field(pattern=r"^[\x21-\x7e]+$", max_length=255)] = None
    confirm: bool = False
    order_id: Annotated[Identifier, Field(alias="metadata[order_id]")]
    idempotency_key: Annotated[str, Field(alias="metadata[idempotency_key]")]


class _Refund(_Form):
    payment_intent: str
    amount: _Amount


class _Page(_Form):
    limit: Annotated[int, Field(ge=1, le=_MAX_PAGE)] = 10
    created_from: Annotated[int, Field(alias="created[gte]")] = 0
    starting_after: str | None = None


class _RefundPage(_Page):
    payment_intent: str | None = None
    expanded: Annotated[str | None, Field(alias="expand[0]")] = None


class StripeApi:
    """Payment intents and refunds in Stripe's wire format."""

    def __init__(self, ledger: Ledger, calls: IdempotentCalls) -> None:
        self._ledger = ledger
        self._calls = calls

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, all below ``/v1``."""
        return [
            web.post("/v1/payment_intents", self.create_intent),
            web.get("/v1/payment_intents", self.list_intents),
            web.get("/v1/payment_intents/search", self.search_intents),
            web.get("/v1/payment_intents/{intent_id}", self.retrieve_intent),
            web.post("/v1/payment_intents/{intent_id}/confirm", self.confirm_intent),
            web.post("/v1/payment_intents/{intent_id}/cancel", self.cancel_intent),
            web.post("/v1/refunds", self.create_refund),
            web.get("/v1/refunds", self.list_refunds),
        ]

    async def create_intent(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/payment_intents: open one, and confirm it if that is asked for."""
        form = dict(await request.post())
        intent = checked(form, _Intent)
        key = idempotency_key(request)
        if intent.idempotency_key != key:
            raise Refused(refusal(400, "parameter_invalid", "name the key in the metadata"))
        currency = intent.currency.upper()
        effect = partial(
            stripe_effects.open_intent,
            key=key,
            order_id=intent.order_id,
            amount_cents=in_ledger(intent.amount, currency),
            currency=currency,
            token=intent.payment_method,
            confirm=intent.confirm,
        )
        fault = token_fault(intent.payment_method or "", Call.CHARGE) if intent.confirm else None
        content = (request.method, request.path, form)
        named = Call.CHARGE if intent.confirm else Call.OPEN
        call = Request(named, key, content, intent.order_id, fault, effect)
        return await deliver(request, _in_stripes_words(await self._calls.run(call), _as_intent))

    async def confirm_intent(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/payment_intents/ID/confirm: charge the card."""
        row = self._intent(request.match_info["intent_id"])
        fault = token_fault(row["magic_token"] or "", Call.CHARGE)
        if fault is not None and fault.kind is FaultKind.PROCESSING:
            fault = None
        return await self._change(request, Call.CHARGE, row, fault, stripe_effects.confirm_intent)

    async def cancel_intent(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/payment_intents/ID/cancel."""
        row = self._intent(request.match_info["intent_id"])
        return await self._change(request, Call.CANCEL, row, None, stripe_effects.cancel_intent)

    async def _change(
        self,
        request: web.Request,
        named: Call,
        row: sqlite3.Row,
        fault: Fault | None,
        effect: Callable[..., Answer],
    ) -> web.StreamResponse:
        content = (request.method, request.path, dict(await request.post()))
        intent_id = row["intent_id"]
        call = Request(
            named,
            idempotency_key(request),
            content,
            row["order_id"],
            fault,
            partial(effect, intent_id=intent_id),
            subject=intent_id,
        )
        outcome = _in_stripes_words(await self._calls.run(call), _as_intent)
        if outcome.answer.status == 409:
            # https://docs.stripe.com/rate-limits#object-lock-timeouts
            locked = {"type": "invalid_request_error", "code": "lock_timeout"}
            outcome = replace(outcome, answer=Answer(429, {"error": locked}))
        return await deliver(request, outcome)

    async def retrieve_intent(self, request: web.Request) -> web.StreamResponse:
        """Answer GET of one payment intent."""
        row = self._intent(request.match_info["intent_id"])
        return web.json_response(_as_intent(stripe_effects.as_intent(row)))

    async def list_intents(self, request: web.Request) -> web.StreamResponse:
        """Answer GET /v1/payment_intents: newest first, page by page."""
        page = checked(dict(request.query), _Page)
        rows = self._listed("intents", "intent_id", page)
        intents = [_as_intent(stripe_effects.as_intent(row)) for row in rows]
        return _as_list(request, intents, page.limit)

    async def search_intents(self, request: web.Request) -> web.StreamResponse:
        """Answer a search for ``metadata['idempotency_key']:'...'``, as late as Stripe does."""
        match = _SEARCH.fullmatch(request.query.get("query", ""))
        if match is None:
            raise Refused(refusal(400, "parameter_invalid", f"the query must be {_SEARCH.pattern}"))
        key = re.sub(r"\\(.)", r"\1", match["key"])
        until = (dt.datetime.now(dt.UTC) - SEARCH_LAG).timestamp()
        return web.json_response(
            {
                "object": "search_result",
                "url": request.path,
                "data": [
                    intent
                    for intent in self._intents(idempotency_key=key)
                    if intent["created"] < until
                ],
                "has_more": False,
                "next_page": None,
            }
        )

    async def create_refund(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/refunds: refund a payment intent."""
        form = dict(await request.post())
        body = checked(form, _Refund)
        key = idempotency_key(request)
        charged = self._charged(body.payment_intent)
        effect = partial(
            effects.refund,
            key=key,
            transaction_id=body.payment_intent,
            amount_cents=in_ledger(body.amount, charged["currency"]),
            currency=charged["currency"],
        )
        content = (request.method, request.path, form)
        fault = effects.refund_fault(charged)
        call = Request(Call.REFUND, key, content, charged["order_id"], fault, effect)
        return await deliver(request, _in_stripes_words(await self._calls.run(call), _as_refund))

    async def list_refunds(self, request: web.Request) -> web.StreamResponse:
        """Answer GET /v1/refunds: newest first, those of a payment intent, or all page by page."""
        page = checked(dict(request.query), _RefundPage)
        if page.payment_intent is not None:
            rows = self._ledger.rows("refunds", transaction_id=page.payment_intent)[::-1]
        else:
            rows = self._listed("refunds", "refund_id", page)
        refunds = [_as_refund(effects.as_json("refunds", row)) for row in rows]
        if page.expanded == "data.payment_intent":
            for refund in refunds:
                row = self._intent(refund["payment_intent"])
                refund["payment_intent"] = _as_intent(stripe_effects.as_intent(row))
        return _as_list(request, refunds, page.limit)

    def _listed(self, table: str, id_column: str, page: _Page) -> list[sqlite3.Row]:
        """Return the rows of a page, newest first, and one more if there is one."""
        created_from = dt.datetime.fromtimestamp(page.created_from, dt.UTC)
        return self._ledger.page(
            table,
            page.limit + 1,
            (id_column, page.starting_after) if page.starting_after else None,
            newest_first=True,
            created_from=f"{created_from:%Y-%m-%dT%H:%M:%S}",
        )

    def _charged(self, intent_id: str) -> sqlite3.Row:
        rows = self._ledger.rows("charges", transaction_id=intent_id)
        if not rows:
            raise Refused(refusal(404, "resource_missing", "there is no such charge"))
        return rows[0]

    def _intent(self, intent_id: str) -> sqlite3.Row:
        rows = self._ledger.rows("intents", intent_id=intent_id)
        if not rows:
            raise Refused(refusal(404, "resource_missing", "there is no such payment intent"))
        return rows[0]

    def _intents(self, **filters: str) -> list[dict[str, Any]]:
        rows = self._ledger.rows("intents", **filters)
        return [_as_intent(stripe_effects.as_intent(row)) for row in rows]


def _as_list(request: web.Request, found: list[dict[str, Any]], limit: int) -> web.Response:
    return web.json_response(
        {
            "object": "list",
            "url": request.path,
            "data": found[:limit],
            "has_more": len(found) > limit,
        }
    )


def _as_intent(intent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": intent["transaction_id"],
        "object": "payment_intent",
        "amount": at_stripe(intent["amount_cents"], intent["currency"]),
        "amount_received": at_stripe(intent["received_cents"], intent["currency"]),
        "currency": intent["currency"].lower(),
        "status": intent["status"],
        "created": _epoch(intent["created_at"]),
        "metadata": {key: intent[key] for key in ("order_id", "idempotency_key")},
    }


def _as_refund(refund: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": refund["refund_id"],
        "object": "refund",
        "amount": at_stripe(refund["amount_cents"], refund["currency"]),
        "currency": refund["currency"].lower(),
        "payment_intent": refund["transaction_id"],
        "status": refund["status"],
        "created": _epoch(refund["created_at"]),
    }


def _in_stripes_words(
    outcome: Outcome, translate: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Outcome:
    answer = outcome.answer
    if "error" not in answer.body:
        return replace(outcome, answer=Answer(200, translate(answer.body)))
    code, status = answer.body["error"]["code"], answer.status
    error = {"type": _ERROR_TYPES.get(status, "invalid_request_error"), **answer.body["error"]}
    if code == "idempotency_key_reused":
        error["type"] = "idempotency_error"
    elif code == "already_refunded":
        error["code"] = "charge_already_refunded"
    elif status == 402:
        error |= {"code": "card_declined", "decline_code": code}
    return replace(outcome, answer=Answer(400 if status == 422 else status, {"error": error}))


def _epoch(timestamp: str) -> int:
    return int(dt.datetime.fromisoformat(timestamp).timestamp())
