"""What another order under a used id differs in is said by name, and never by value."""

from typing import Any

import pytest

from models import ArchivedOrder, OrderItem, OrderTry
from providers.records import token_digest
from service.orders.content import OtherContent, differing, differing_from_archived
from tests.providers.records.test_sql_orders import ended_order
from tests.support.pipelines import small_order

FIRST = small_order()


def archived(**changes: Any) -> ArchivedOrder:
    content = FIRST.model_dump(mode="json", exclude={"payment_token"})
    return ArchivedOrder.model_validate(
        {
            **dict(ended_order()),
            "content": content,
            "token_digests": {token_digest(FIRST)},
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"payment_token": "tok_other"}, ["payment_token"]),
        ({"items": (OrderItem(sku="mug", quantity=3, unit_price_cents=1_000),)}, ["items"]),
        (
            {"currency": "EUR", "customer_email": "eve@customer.example"},
            ["customer_email", "currency"],
        ),
    ],
)
def test_what_differs_is_named(changes: dict[str, Any], names: list[str]) -> None:
    other = small_order(**changes)
    assert differing(other, OrderTry.model_validate(dict(FIRST))) == names
    assert differing_from_archived(other, archived()) == names
    said = str(OtherContent("o1", names))
    assert "tok_" not in said
    assert "eve" not in said
    assert said.startswith("order id 'o1' was used before for other content")


def test_who_submitted_it_is_no_difference() -> None:
    theirs = {**dict(FIRST), "submitted_by": "shop"}
    assert differing(FIRST, OrderTry.model_validate(theirs)) == []
    content = {**archived().content, "submitted_by": "shop"}
    assert differing_from_archived(FIRST, archived(content=content)) == []


def test_the_token_of_any_try_will_do() -> None:
    second = small_order(payment_token="tok_other")
    row = archived(token_digests={token_digest(FIRST), token_digest(second)})
    assert differing_from_archived(FIRST, row) == differing_from_archived(second, row) == []


def test_a_field_that_orders_did_not_have_then_has_its_default() -> None:
    content = FIRST.model_dump(mode="json", exclude={"payment_token", "currency"})
    assert differing_from_archived(FIRST, archived(content=content)) == []
    assert differing_from_archived(small_order(currency="EUR"), archived(content=content)) == [
        "currency"
    ]


def test_one_card_has_another_hash_in_every_order() -> None:
    assert token_digest(FIRST) != token_digest(small_order(order_id="o2"))
