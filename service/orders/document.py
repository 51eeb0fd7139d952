"""An order as a person or a program writes it, and what is wrong with it in words.

Anything may come in: the answer is an order or one clear error, and never the payment token.
Fields may be spelt as ours are (``order_id``) or as programs in JavaScript spell theirs
(``orderId``); what is wrong is said in the spelling of the document.
"""

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from models import A_CURRENCY, AT_A_DOOR, LARGEST_AMOUNT, Order, OrderItem, is_encrypted
from service.errors import Fault, WrongFields
from service.spelling import Spelling

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_ORDER_BYTES = 256 * 1024
"""An order of 200 items is a tenth of this; a payload of Temporal may have 2 MiB."""

MAX_FAULTS = 1000
"""Of one document that are listed: more than 200 items can have in their fields."""

MAX_SHOWN_CHARACTERS = 60
MIN_TOKEN_CHARACTERS = 6
"""A shorter text is not taken for a token, because it may be part of any other word."""

_LIKE_A_TOKEN = re.compile(r"\b(?:tok|pm|card|src|sk|rk)_\w+")
"""How tokens and keys of payment providers begin: one may stand in the wrong field."""

_LIKE_A_CARD = re.compile(r"\d(?:[ -]?\d){11,18}")
"""The digits of a card number: 12 to 19 (ISO/IEC 7812), often in groups."""

_MAILBOX = re.compile(r"(?<![^\s\"@])[^\s\"@]+@")

_WANTED = {
    "order_id": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "customer_id": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "sku": "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
    "customer_email": "an e-mail address such as ada@example.com, at most 254 characters",
    "payment_token": "the payment provider's token, 1 to 255 characters",
    "currency": f"{A_CURRENCY}, in capital letters",
    "items": "a list of 1 to 200 objects with sku, quantity and {unit_price_cents}",
    "quantity": "a whole number from 1 to 10000",
    "unit_price_cents": f"a whole number of minor units from 0 to {LARGEST_AMOUNT}",
}


ORDER_ID = frozenset(("order_id", "orderId"))

_OURS = {
    to_camel(name): name
    for name in (*Order.model_fields, *OrderItem.model_fields)
    if to_camel(name) != name
}
"""Our name of each field that camelCase spells otherwise."""


def parse_order(document: bytes, or_id: str = "") -> Order:
    """Return the order in a JSON document; raise WrongFields that says all that is wrong.

    ``or_id`` says where an order id may stand that is missing in the document.
    """
    document = document.removeprefix(BOM_UTF8)  # RFC 8259, 8.1: a parser may ignore it
    try:
        order = _validated(document)
        # Only now: a valid order is never so deeply nested that it would exhaust this parser.
        _EACH_ONCE.decode(document.decode())
    except ValidationError as error:
        written = _in_our_spelling(document)
        if written is None:
            raise _wrong(error, document, or_id) from None
        try:
            order = _validated(written)
        except ValidationError as in_ours:
            raise _wrong(in_ours, document, or_id) from None
    # An encrypted one, copied from a history, would be decrypted and charge somebody else's card.
    for is_wrong, must_not in (
        (is_encrypted(order.payment_token), "be an encrypted one"),
        ("\0" in order.payment_token.get_secret_value(), "have a NUL character in it"),
    ):
        if is_wrong:
            path = Spelling(_read(document)).path(("payment_token",))
            fault = Fault(path, f"{path[0]} is not valid: it must not {must_not}")
            raise WrongFields("not an order", [fault])
    return order


def spelling_of(document: bytes) -> Spelling:
    """Return how a document spells its fields."""
    return Spelling(_read(document.removeprefix(BOM_UTF8)))


def with_order_id(document: bytes, order_id: str) -> bytes:
    """Return the document with an order id if it is an object that names none."""
    try:
        written = json.loads(document)
    except (ValueError, RecursionError):
        return document
    if not isinstance(written, dict) or ORDER_ID & set(written):
        return document
    name = Spelling(written).name("order_id")
    # As bytes, so that what else is wrong with the document stays as it is.
    opening, _, rest = document.partition(b"{")
    comma = b"," if written else b""
    return opening + b"{" + json.dumps({name: order_id}).encode()[1:-1] + comma + rest


def _validated(document: bytes) -> Order:
    return Order.model_validate_json(document, extra="forbid", context=AT_A_DOOR)


def _in_our_spelling(document: bytes) -> bytes | None:
    """Return the document with its camelCase fields renamed; None if it has none of ours.

    Raise BadInput for a field that is given twice, in one spelling or in both.
    """
    if not any(f'"{name}"'.encode() in document for name in _OURS):
        return None
    try:
        return json.dumps(json.loads(document, object_pairs_hook=_each_once)).encode()
    except (ValueError, RecursionError):
        return None


def _each_once(fields: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object under our names; refuse a field that is given twice.

    Of two a parser silently takes one or the other.
    """
    named = {_OURS.get(name, name): value for name, value in fields}
    if len(named) < len(fields):  # as good as never, and ten times as fast to tell
        names = Counter(_OURS.get(name, name) for name, _ in fields)
        twice = next(name for name, times in names.items() if times > 1)
        spelt = dict.fromkeys(name for name, _ in fields if _OURS.get(name, name) == twice)
        said = f"{' and '.join(map(repr, spelt))} is given twice"
        if len(spelt) > 1:
            said = f"{' and '.join(map(repr, spelt))} are one field, which is given twice"
        raise WrongFields("not an order", [Fault((), said)])
    return named


_EACH_ONCE = json.JSONDecoder(object_pairs_hook=_each_once)


def _wrong(error: ValidationError, document: bytes, or_id: str) -> WrongFields:
    """Return what is wrong in words, the payment token masked wherever it stands."""
    if error.error_count() > MAX_FAULTS:
        said = f"{error.error_count():,} things in it are wrong, which are too many to list"
        return WrongFields("not an order", [Fault((), said)])
    posted = _read(document)
    token, spelling = _token_in(posted), Spelling(posted)
    faults = [
        Fault(
            _path(details, spelling),
            _without_token(_problem(details, spelling, or_id, token), token),
        )
        for details in error.errors()
        if not _follows_from_others(details)
    ]
    return WrongFields("not an order", faults)


def _path(details: "ErrorDetails", spelling: Spelling) -> tuple[str | int, ...]:
    """Return where it is wrong; for a field that is none, whose name may be anything, its owner."""
    is_none = details["type"] == "extra_forbidden"
    return spelling.path(details["loc"][:-1] if is_none else details["loc"])


def _read(document: bytes) -> object:
    """Return what a document holds; None if it is no JSON."""
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def _token_in(posted: object) -> str | None:
    """Return the payment token if it is long enough to be told from any other word."""
    if not isinstance(posted, dict):
        return None
    token = posted.get("payment_token", posted.get("paymentToken"))
    is_one = isinstance(token, str) and len(token) >= MIN_TOKEN_CHARACTERS
    return token if is_one else None


def _without_token(message: str, token: str | None) -> str:
    """Mask the payment token where it stands in another field, and whatever looks like one."""
    if token is not None:
        message = message.replace(json.dumps(token)[1:-1], "***")
    return _LIKE_A_TOKEN.sub("***", message)


def _follows_from_others(details: "ErrorDetails") -> bool:
    """Whether a list is called too short only because its parts are wrong."""
    return details["type"] == "too_short" and bool(details["input"])


def _problem(details: "ErrorDetails", spelling: Spelling, or_id: str, token: str | None) -> str:
    """Say what is wrong, with which value, and what would be right."""
    if not details["loc"] and isinstance(details["input"], list):
        return "a list: of several orders each is an object on a line of its own"
    if not details["loc"]:
        return details["msg"].removeprefix("Value error, ")
    field = next((part for part in reversed(details["loc"]) if isinstance(part, str)), "")
    if details["type"] == "extra_forbidden":
        return f"{_shown('.'.join(map(str, details['loc'])), token)} is no field of an order"
    path = ".".join(map(str, spelling.path(details["loc"])))
    wanted = f"it must be {_WANTED[field]}" if field in _WANTED else details["msg"]
    wanted = wanted.replace("{unit_price_cents}", spelling.name("unit_price_cents"))
    if details["type"] == "missing":
        return f"{path} is missing: {wanted}{or_id if path in ORDER_ID else ''}"
    if field == "payment_token":
        return f"{path} is not valid: {wanted}"
    return f"{path} is {_shown(details['input'], token)}: {wanted}"


def _shown(value: object, token: str | None) -> str:
    """Write a value so that it stays on one line, is short and names nobody's mailbox or card."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    text = _MAILBOX.sub("***@", json.dumps(value, ensure_ascii=True, default=str))
    # Before it is cut: of a token that is cut nobody would know the rest.
    text = _without_token(_LIKE_A_CARD.sub("***", text), token)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}..."
