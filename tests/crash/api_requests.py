"""The requests that move money or goods, each a row: of the small HTTP contract, and of Stripe.

``charge_payment`` runs twice in an order that is paid with Stripe: once to open a payment, once to
confirm it. The second is called ``confirm_payment`` here.
"""

from dataclasses import replace
from typing import Any

from tests.crash.steps import (
    API,
    CHARGE,
    CLOSE_RESERVATION,
    DECLINED,
    FIND_SHIPMENT,
    RESERVE,
    SHIP,
    Call,
    Group,
    Kind,
    Lost,
    Part,
    Step,
)

CONFIRM_PAYMENT = "confirm_payment"

FIND_CHARGES = Call("GET", "/charges")
FIND_REFUNDS = Call("GET", "/refunds")
CLOSE = Call("DELETE", "/charges")
FIND_RESERVATION = Call("GET", "/reservations")

SEARCH = Call("GET", "/v1/payment_intents/search")
LIST = Call("GET", "/v1/payment_intents")
RETRIEVE = Call("GET", r"/v1/payment_intents/pi_[^/?\s]+")
OPEN = Call("POST", "/v1/payment_intents")
CONFIRM = Call("POST", r"/v1/payment_intents/[^/?\s]+/confirm")
CANCEL = Call("POST", r"/v1/payment_intents/[^/?\s]+/cancel")
STRIPE_REFUNDS = Call("GET", "/v1/refunds")
STRIPE_REFUND = Call("POST", "/v1/refunds")

LATER = "tok_rate_limited_4"
"""Of the five attempts of a charge, four are told to come later."""

PROCESSED = "tok_processing_1500"

_LAST = Part.LAST_REQUEST
_ORDER, _DECLINED, _UNANSWERED = Kind.ORDER, Kind.DECLINED, Kind.UNANSWERED
_CANCELLED, _MEANWHILE = Kind.CANCELLED_ORDER, Kind.CANCELLED_MEANWHILE


def _http(
    name: str, kind: Kind, what: str, call: Call, part: Part = Part.REQUEST, **more: Any
) -> Step:
    return Step(name, kind, what, API, call, group=Group.HTTP, part=part, **more)


def _stripe(
    name: str, kind: Kind, what: str, call: Call, part: Part = Part.REQUEST, **more: Any
) -> Step:
    return replace(_http(f"stripe {name}", kind, what, call, part, **more), group=Group.STRIPE)


def _cancelled_before(activity: str, call: Call) -> dict[str, Any]:
    return {"kind": Kind.CANCELLED_BEFORE, "lost": Lost(activity, call)}


# fmt: off
REQUESTS = (
    _http("charge: find it", _ORDER, "charge_payment", FIND_CHARGES),
    _http("charge, cancelled", _MEANWHILE, "charge_payment", CHARGE, _LAST, slow="tok_slow"),
    _http("charge, declined", _DECLINED, "charge_payment", CHARGE, _LAST, token=DECLINED),
    _http("charge, unanswered: find it", _UNANSWERED, "find_charge", FIND_CHARGES,
          token=LATER, lost=Lost("charge_payment", CHARGE)),
    _http("charge, unanswered: refunds", _UNANSWERED, "find_charge", FIND_REFUNDS, _LAST,
          token=LATER, lost=Lost("charge_payment", CHARGE)),
    _http("reserve: find it", _ORDER, "reserve_inventory", FIND_RESERVATION),
    _http("reserve, cancelled", _MEANWHILE, "reserve_inventory", RESERVE, _LAST, slow="sku-slow"),
    _http("ship: find it", _ORDER, "schedule_shipment", FIND_SHIPMENT),
    _http("ship, cancelled", _MEANWHILE, "schedule_shipment", SHIP, _LAST, slow="sku-ship-slow"),
    _http("release: find it", _CANCELLED, "release_inventory", FIND_RESERVATION),
    _http("release: close the key", what="release_inventory", call=CLOSE_RESERVATION, part=_LAST,
          **_cancelled_before("reserve_inventory", RESERVE)),
    _http("refund: find the charge", _CANCELLED, "refund_payment", FIND_CHARGES),
    _http("refund: find refunds", _CANCELLED, "refund_payment", FIND_REFUNDS),
    _http("refund: close the key", what="refund_payment", call=CLOSE, part=_LAST,
          **_cancelled_before("charge_payment", CHARGE)),
    _http("settle: close the key", Kind.TRIED_AGAIN, "settle_try", CLOSE, token=DECLINED),
    _stripe("search", _ORDER, "charge_payment", SEARCH),
    _stripe("list", _ORDER, "charge_payment", LIST),
    _stripe("open", _ORDER, "charge_payment", OPEN, _LAST),
    _stripe("open, cancelled", _MEANWHILE, "charge_payment", OPEN, _LAST),
    _stripe("confirm", _ORDER, CONFIRM_PAYMENT, CONFIRM, _LAST, slow="tok_slow"),
    _stripe("confirm, cancelled", _MEANWHILE, CONFIRM_PAYMENT, CONFIRM, _LAST, slow="tok_slow"),
    _stripe("confirm, declined", _DECLINED, CONFIRM_PAYMENT, CONFIRM, _LAST, token=DECLINED),
    _stripe("retrieve", _ORDER, CONFIRM_PAYMENT, RETRIEVE, token=PROCESSED),
    _stripe("retrieve, cancelled", _MEANWHILE, CONFIRM_PAYMENT, RETRIEVE, token=PROCESSED),
    _stripe("unanswered: search", _UNANSWERED, "find_charge", SEARCH,
            token=LATER, lost=Lost(CONFIRM_PAYMENT, CONFIRM)),
    _stripe("unanswered: list", _UNANSWERED, "find_charge", LIST,
            token=LATER, lost=Lost(CONFIRM_PAYMENT, CONFIRM)),
    _stripe("unanswered: refunds", _UNANSWERED, "find_charge", STRIPE_REFUNDS, _LAST,
            token=LATER, lost=Lost(CONFIRM_PAYMENT, CONFIRM)),
    _stripe("refund: search", _CANCELLED, "refund_payment", SEARCH),
    _stripe("refund: list", _CANCELLED, "refund_payment", LIST),
    _stripe("refund: refunds", _CANCELLED, "refund_payment", STRIPE_REFUNDS),
    _stripe("refund", _CANCELLED, "refund_payment", STRIPE_REFUND, _LAST, slow="tok_refund_slow"),
    _stripe("cancel", what="refund_payment", call=CANCEL, part=_LAST,
            **_cancelled_before(CONFIRM_PAYMENT, CONFIRM)),
    _stripe("close: open", what="refund_payment", call=OPEN,
            **_cancelled_before("charge_payment", OPEN)),
    _stripe("close: cancel", what="refund_payment", call=CANCEL, part=_LAST,
            **_cancelled_before("charge_payment", OPEN)),
    _stripe("settle: cancel", Kind.TRIED_AGAIN, "settle_try", CANCEL, token=DECLINED),
)
# fmt: on
