"""A document of a hostile size is refused in a few words, before anything is read in it."""

import json

import pytest
from pydantic import ValidationError

from models import Order
from providers.mail import mask_addresses
from service.errors import WrongFields
from service.orders.document import MAX_ORDER_BYTES, parse_order

EMPTY_ITEMS = b'{"items":[' + b"{}," * (MAX_ORDER_BYTES // 3 - 10) + b"{}]}"
NO_FIELDS = b",".join(b'"%d":0' % number for number in range(25_000))


def test_a_quarter_of_a_megabyte_of_empty_items_is_one_fault() -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate_json(EMPTY_ITEMS)
    assert refused.value.error_count() == 5, "the four fields that are missing, and the items"

    with pytest.raises(WrongFields) as said:
        parse_order(EMPTY_ITEMS)
    assert "items is a list: it must be a list of 1 to 200 objects" in str(said.value)
    assert len(said.value.faults) == 5


@pytest.mark.parametrize("document", [b"{%b}", b'{"items":[{%b}]}', b'{"orderId":1,%b}'])
def test_more_faults_than_anybody_reads_are_counted(document: bytes) -> None:
    with pytest.raises(WrongFields) as said:
        parse_order(document % NO_FIELDS)
    (fault,) = said.value.faults
    assert "things in it are wrong, which are too many to list" in str(said.value)
    assert "25,00" in str(said.value)
    assert fault.path == ()


@pytest.mark.parametrize("before", range(20, 62, 3))
def test_a_token_is_masked_before_what_holds_it_is_cut(before: int) -> None:
    token = "secret/of/somebody/else"  # like no token that anybody knows
    document = {
        **{"order_id": "x" * before + token, "customer_id": "c", "payment_token": token},
        **{"customer_email": "a@example.com", "items": []},
    }
    with pytest.raises(WrongFields) as said:
        parse_order(json.dumps(document).encode())
    assert "secret" not in str(said.value)


def test_a_mask_costs_no_square_of_the_length() -> None:
    long = "a" * 200_000
    masked, tries = 0, 0
    for text in (long, long + "@", "@" + long):
        tries += 1
        masked += mask_addresses(text) == text
    with pytest.raises(WrongFields):
        parse_order(json.dumps({"order_id": long}).encode())
    assert masked == tries, "and this has ended: of the square it would take minutes"
    assert mask_addresses("to ada@example.com, bob@example.com") == (
        "to a***@example.com, b***@example.com"
    )
