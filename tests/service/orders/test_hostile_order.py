"""A document of a hostile size is refused in a few words, before anything is read in it."""

import pytest
from pydantic import ValidationError

from models import Order
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
