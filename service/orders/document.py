"""An order as a person or a program writes it, and what is wrong with it in words.

Anything may come in: the answer is an order or one clear error, and never the payment token.
"""

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError

from models import A_CURRENCY, AT_A_DOOR, LARGEST_AMOUNT, Order, is_encrypted
from service.errors import BadInput

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_ORDER_BYTES = 256 * 1024
"""An order of 200 items is a tenth of this; a payload of Temporal may have 2 MiB."""

MAX_PROBLEMS = 5
MAX_SHOWN_CHARACTERS = 60
MIN_TOKEN_CHARACTERS = 6
"""A shorter text is not taken for a token, because it may be part of any other word."""

_LIKE_A_TOKEN = re.compile(r"\b(?:tok|pm|card|src|sk|rk)_\w+")
"""How tokens and keys of payment providers begin: one may stand in the wrong field."""

_LIKE_A_CARD = re.compile(r"\d(?:[ -]?\d){11,18}")
"""The digits of a card number: 12 to 19 (ISO/IEC 7812), often in groups."""

_WANTED = {
    "order_id": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "customer_id": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "sku": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "customer_email": "an e-mail address such as ada@example.com, at most 254 characters",
    "payment_token": "the payment provider's token, 1 to 255 characters",
    "currency": f"{A_CURRENCY}, in capital letters",
    "items": "a list of 1 to 200 objects with sku, quantity and unit_price_cents",
    "quantity": "a whole number from 1 to 10000",
    "unit_price_cents": f"a whole number of minor units from 0 to {LARGEST_AMOUNT}",
}


def parse_order(document: bytes) -> Order:
    """Return the order in a JSON document; raise BadInput that says what is wrong."""
    document = document.removeprefix(BOM_UTF8)  # RFC 8259, 8.1: a parser may ignore it
    try:
        order = Order.model_validate_json(document, extra="forbid", context=AT_A_DOOR)
    except ValidationError as error:
        problems = _worth_saying(
            [_problem(details) for details in error.errors() if not _follows_from_others(details)]
        )
        message = _without_tokens("; ".join(problems), document)
        raise BadInput(f"not an order: {message}") from None
    if is_encrypted(order.payment_token):
        # Copied from a history it would be decrypted there, and charge somebody else's card.
        raise BadInput("not an order: payment_token is not valid: it must not be an encrypted one")
    # Only now: a valid order is never so deeply nested that it would exhaust this parser.
    json.loads(document, object_pairs_hook=_each_once)
    return order


def _each_once(fields: list[tuple[str, object]]) -> None:
    """Refuse a field that is given twice, of which a parser silently takes one or the other."""
    if len(dict(fields)) == len(fields):  # as good as always, and ten times as fast to tell
        return
    for name, times in Counter(name for name, _ in fields).items():
        if times > 1:
            raise BadInput(f"not an order: {name!r} is given twice")


def _without_tokens(message: str, document: bytes) -> str:
    """Mask the payment token where it stands in another field, and whatever looks like one."""
    try:
        written = json.loads(document)
    except (ValueError, RecursionError):
        written = None
    token = written.get("payment_token") if isinstance(written, dict) else None
    if isinstance(token, str) and len(token) >= MIN_TOKEN_CHARACTERS:
        message = message.replace(json.dumps(token)[1:-1], "***")
    return _LIKE_A_TOKEN.sub("***", message)


def _worth_saying(problems: list[str]) -> list[str]:
    more = len(problems) - MAX_PROBLEMS
    return problems[:MAX_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])


def _follows_from_others(details: "ErrorDetails") -> bool:
    """Whether a list is called too short only because its parts are wrong."""
    return details["type"] == "too_short" and bool(details["input"])


def _problem(details: "ErrorDetails") -> str:
    """Say what is wrong, with which value, and what would be right."""
    path = ".".join(str(part) for part in details["loc"])
    field = next((part for part in reversed(details["loc"]) if isinstance(part, str)), "")
    if not path and isinstance(details["input"], list):
        return "a list: of several orders each is an object on a line of its own"
    if not path:
        return details["msg"].removeprefix("Value error, ")
    if details["type"] == "extra_forbidden":
        return f"{_shown(path)} is no field of an order"
    wanted = f"it must be {_WANTED[field]}" if field in _WANTED else details["msg"]
    if details["type"] == "missing":
        return f"{path} is missing: {wanted}"
    if field == "payment_token":
        return f"{path} is not valid: {wanted}"
    return f"{path} is {_shown(details['input'])}: {wanted}"


def _shown(value: object) -> str:
    """Write a value so that it stays on one line, is short and names nobody's mailbox or card."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    text = re.sub(r"[^\s\"@]+@", "***@", json.dumps(value, ensure_ascii=True, default=str))
    text = _LIKE_A_CARD.sub("***", text)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}..."
