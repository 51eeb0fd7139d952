"""Random documents: each becomes an order or one clear error, which never shows the token."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import LARGEST_AMOUNT, Order
from service.errors import BadInput, WrongFields
from service.orders.document import parse_order, with_order_id

TOKEN = "tok_of_the_customers_card"
MAX_MESSAGE_CHARACTERS = 1_500

GOOD: Mapping[str, Any] = {
    "order_id": "ord_7",
    "customer_id": "cus_7",
    "customer_email": "ada.lovelace@customer.example",
    "payment_token": TOKEN,
    "currency": "EUR",
    "items": [{"sku": "mug", "quantity": 2, "unit_price_cents": 1_450}],
}

numbers = st.integers() | st.floats() | st.sampled_from([2**63, -(2**63) - 1, 10**400, -0.0])
texts = st.text() | st.sampled_from(
    ["\x00", "\x1b[31m", "\u202e", "\ud800", TOKEN, "\u0967", "a" * 5000]
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from([*GOOD, "sku", "quantity", "unit_price_cents", "", "Payment_Token"])


def said_of(document: bytes) -> Order | str:
    """Return the order, or the one line that says why it is not valid."""
    try:
        return parse_order(document)
    except BadInput as refusal:
        message = str(refusal)
        assert message.startswith("not an order: ")
        assert message.isprintable(), "one line without control characters"
        assert len(message) < MAX_MESSAGE_CHARACTERS
        assert TOKEN not in message
        assert refusal.__cause__ is None
        return message


def written(document: object) -> bytes:
    """Return JSON as a careless program writes it, with NaN and lone surrogates."""
    return json.dumps(document).encode()


@given(st.binary() | texts.map(lambda text: text.encode(errors="surrogatepass")))
@example(b"[" * 100_000)
@example(b'{"items":' * 100_000)
@example(b"\xff\xfe{\x00}\x00")
@settings(max_examples=30, deadline=None)
def test_any_bytes(document: bytes) -> None:
    assert isinstance(said_of(document), str)


@given(anything)
@settings(max_examples=40, deadline=None)
def test_any_json(document: object) -> None:
    assert isinstance(said_of(written(document)), str)


@given(st.dictionaries(fields, anything, min_size=1, max_size=3), st.sets(fields, max_size=2))
@example({"items": {"payment_token": TOKEN}}, set())
@example({"payment_token": [TOKEN]}, set())
@example({"customer_email": f"{TOKEN}@customer.example x"}, set())
@example({"order_id": {"payment_token": TOKEN}}, set())
@settings(max_examples=50, deadline=None)
def test_an_order_with_some_fields_changed_or_gone(changed: dict[str, Any], gone: set[str]) -> None:
    document = {name: value for name, value in {**GOOD, **changed}.items() if name not in gone}

    said = said_of(written(document))

    if isinstance(said, Order):
        assert said.model_dump(mode="json") == {"currency": "USD", **document}
        assert 0 < said.total_cents <= LARGEST_AMOUNT


@given(st.dictionaries(fields, anything, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_an_item_with_some_fields_changed(changed: dict[str, Any]) -> None:
    item = {**GOOD["items"][0], **changed}

    said = said_of(written({**GOOD, "items": [item]}))

    if isinstance(said, Order):
        assert said.items[0].model_dump() == item


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"quantity": 2', '"quantity": 2, "quantity": 200', "'quantity' is given twice"),
        (
            '"currency"',
            '"payment_token": "tok_other", "currency"',
            "'payment_token' is given twice",
        ),
        ('"quantity": 2', '"quantity": NaN', "items.0.quantity is NaN: it must be a whole number"),
        ('"quantity": 2', '"quantity": 1e999', "items.0.quantity is Infinity: it must be a whole"),
        ('"quantity": 2', f'"quantity": 1{"0" * 5000}', "number out of range"),
        ('"quantity": 2', '"quantity": 2.0', "items.0.quantity is 2.0: it must be a whole number"),
        ('"mug"', '"m\\u0000ug"', 'items.0.sku is "m\\u0000ug": it must be 1 to 64 letters'),
        ('"EUR"', '"\\u0415UR"', 'currency is "\\u0415UR": it must be the ISO 4217 code'),
    ],
)
def test_what_json_allows_and_an_order_does_not(old: str, new: str, complaint: str) -> None:
    document = json.dumps(GOOD)
    assert old in document

    said = said_of(document.replace(old, new).encode())

    assert isinstance(said, str)
    assert complaint in said


@pytest.mark.parametrize("code", ["XXX", "ZZZ", "XTS", "XAU", "DEM", "HRK"])
def test_what_is_no_currency_in_use_is_refused_with_everything_else_that_is_wrong(
    code: str,
) -> None:
    said = said_of(written({**GOOD, "currency": code, "customer_email": "nobody"}))

    assert isinstance(said, str)
    complaint = f'currency is "{code}": it must be the ISO 4217 code of a currency in use'
    assert complaint in said
    assert "customer_email is " in said


@pytest.mark.parametrize("code", ["JPY", "KWD", "CLF", "XOF", "HUF"])
def test_prices_are_minor_units_of_any_currency(code: str) -> None:
    said = said_of(written({**GOOD, "currency": code}))

    assert isinstance(said, Order)
    assert (said.currency, said.total_cents) == (code, 2_900)


def test_a_total_has_a_limit_in_its_currency() -> None:
    item = {"sku": "gold", "quantity": 2, "unit_price_cents": LARGEST_AMOUNT}

    said = said_of(written({**GOOD, "currency": "JPY", "items": [item]}))

    assert said == ("not an order: the total of the items must be at most 99,999,999,999 JPY")
    alone = {**item, "quantity": 1}
    assert isinstance(said_of(written({**GOOD, "items": [alone]})), Order)


@pytest.mark.parametrize(
    "changed",
    [
        {"customer_email": TOKEN},
        {"customer_email": TOKEN, "payment_token": "ada.lovelace@customer.example"},
        {"currency": "0a1b2c3d4e5f", "payment_token": "0a1b2c3d4e5f"},
        {"items": [{"sku": f"{TOKEN} ", "quantity": 1, "unit_price_cents": 1}]},
    ],
)
def test_a_token_in_the_wrong_field_is_not_shown(changed: dict[str, Any]) -> None:
    said = said_of(written({**GOOD, **changed}))

    assert isinstance(said, str)
    assert '"***' in said
    assert "0a1b2c" not in said


CAMEL_CASE = {
    "orderId": "ord_7",
    "customerId": "cus_7",
    "customerEmail": "ada.lovelace@customer.example",
    "paymentToken": TOKEN,
    "currency": "EUR",
    "items": [{"sku": "mug", "quantity": 2, "unitPriceCents": 1_450}],
}


def test_the_spelling_of_a_web_client_is_the_same_order() -> None:
    assert said_of(written(CAMEL_CASE)) == Order.model_validate(GOOD)
    mixed = {**CAMEL_CASE, "items": GOOD["items"]}
    assert said_of(written(mixed)) == Order.model_validate(GOOD)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"order_id": "ord_8"}, "'orderId' and 'order_id' are one field, which is given twice"),
        ({"orderID": "ord_8"}, '"orderID" is no field of an order'),
        ({"orderId": "two words"}, 'orderId is "two words": it must be'),
        ({"customerEmail": TOKEN}, 'customerEmail is "***'),
        ({"paymentToken": "encrypted:x"}, "paymentToken is not valid"),
        ({"paymentToken": "a\0b"}, "paymentToken is not valid: it must not have a NUL"),
        ({"items": [{"sku": "mug", "quantity": 2, "unitPriceCents": 1.0}]}, "unitPriceCents is"),
    ],
)
def test_the_spelling_of_a_web_client_is_checked_as_strictly(
    changed: dict[str, Any], complaint: str
) -> None:
    said = said_of(written({**CAMEL_CASE, **changed}))

    assert isinstance(said, str)
    assert complaint in said


def faults_of(document: object) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(WrongFields) as told:
        parse_order(written(document))
    return {fault.path: fault.message for fault in told.value.faults}


@pytest.mark.parametrize(
    ("order", "missing"),
    [
        ({"items": [{"unitPriceCents": "a"}]}, "customerEmail"),
        ({"items": [{"unit_price_cents": "a"}]}, "customer_email"),
        (
            {"order_id": 1, "items": [{"unit_price_cents": "a"}], "customerId": "c"},
            "customer_email",
        ),
        ({}, "customerEmail"),
        ([], None),
    ],
    ids=str,
)
def test_faults_are_named_as_the_document_spells_its_fields(
    order: Any, missing: str | None
) -> None:
    faults = faults_of(order)

    assert all(message.startswith(".".join(map(str, path))) for path, message in faults.items())
    assert missing is None or (missing,) in faults
    if "items" in order:
        ((name, _),) = order["items"][0].items()
        assert ("items", 0, name) in faults
        other = {"unitPriceCents": "customer_email", "unit_price_cents": "customerEmail"}[name]
        assert other not in str(faults)


def test_what_items_are_made_of_is_said_in_the_spelling_of_the_document() -> None:
    assert "quantity and unitPriceCents" in faults_of({"orderId": "1", "items": 1})[("items",)]
    assert "quantity and unit_price_cents" in faults_of({"order_id": "1", "items": 1})[("items",)]


def test_an_id_that_stands_for_a_key_changes_no_spelling() -> None:
    for items, name in (
        ([{"unitPriceCents": 1}], "customerId"),
        ([{"unit_price_cents": 1}], "customer_id"),
    ):
        document = with_order_id(written({"items": items}), "key-1")
        with pytest.raises(WrongFields) as told:
            parse_order(document)
        assert (name,) in {fault.path for fault in told.value.faults}


def test_a_program_gets_every_fault_with_its_place() -> None:
    item = {"sku": "", "quantity": 0, "unit_price_cents": -1, TOKEN: 1}
    wrong = {**GOOD, "order_id": "", "currency": "XXX", "items": [item, item]}

    with pytest.raises(WrongFields) as told:
        parse_order(written(wrong))

    paths = [fault.path for fault in told.value.faults]
    of_an_item = ["sku", "quantity", "unit_price_cents"]
    places = [("items", place, name) for place in (0, 1) for name in of_an_item]
    assert sorted(map(str, paths)) == sorted(
        map(str, [("order_id",), ("currency",), *places, ("items", 0), ("items", 1)])
    )
    assert str(told.value).endswith("; and 5 more")
    assert TOKEN not in str(told.value.faults)


def test_a_byte_order_mark_is_no_part_of_an_order() -> None:
    assert said_of(b"\xef\xbb\xbf" + written(GOOD)) == Order.model_validate(GOOD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer_id": "4111111111111111 x"},
        {"4111 1111 1111 1111": 1},
        {"items": [{"sku": "4111-1111-1111-1111 x", "quantity": 1, "unit_price_cents": 1}]},
    ],
    ids=str,
)
def test_no_card_number_is_repeated(wrong: dict[str, Any]) -> None:
    said = said_of(written({**GOOD, **wrong}))

    assert isinstance(said, str)
    assert "1111" not in said
