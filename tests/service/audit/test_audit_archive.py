"""The archive beside Temporal: what it alone knows, what it lacks, where it differs."""

import dataclasses
from typing import Any

from models import ArchivedOrder, OrderStatus
from service.audit.books import run_in_archive
from service.audit.rules import Audit
from tests.providers.records.test_sql_orders import ended_order
from tests.service.audit.test_audit_rules import honest, kinds
from tests.support.scripted_books import audit_of


def archived(order: str = "o1", **result: Any) -> ArchivedOrder:
    return ArchivedOrder.model_validate(
        {
            **dict(ended_order(order, result={"total_cents": 1_000, **result})),
            "content": {},
            "token_digests": (),
        }
    )


def audited_with_archive(*rows: ArchivedOrder, **books: Any) -> Audit:
    ledgers = dataclasses.replace(honest().ledgers, archive=rows)
    return audit_of(dataclasses.replace(honest(), ledgers=ledgers, **books))


def test_an_order_that_the_archive_alone_knows_is_compared_like_any_other() -> None:
    books = honest()
    del books.orders["order-o1"]
    result = run_in_archive(archived())
    books.orders["order-o1"] = result
    audit = audit_of(books)
    assert audit.findings == []
    assert (audit.archived_orders, audit.orders) == (1, 2)
    assert audit.sums["USD"].due == 1_000

    books.orders["order-o1"] = run_in_archive(archived(status=OrderStatus.REJECTED))
    assert {"refund_owed", "shipped_anyway"} <= kinds(audit_of(books))


def test_an_order_that_ended_without_a_row_is_found() -> None:
    found = audited_with_archive(not_archived=frozenset({"order-o2"})).findings
    assert [(one.kind, one.about) for one in found] == [("not_archived", "order-o2")]


def test_a_row_that_says_something_else_than_temporal_is_found() -> None:
    completed = honest().orders["order-o1"]
    run = dataclasses.replace(completed, run_id="run-1")
    orders = {**honest().orders, "order-o1": run}
    assert audited_with_archive(archived(), orders=orders).findings == []

    (found,) = audited_with_archive(archived(status=OrderStatus.REJECTED), orders=orders).findings
    assert (found.kind, found.about) == ("archive", "order-o1")
