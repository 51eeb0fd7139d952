"""``list`` against real visibility, which lags behind the runs by a moment."""

from urllib.parse import parse_qs, urlsplit

from tests.support.terminal import Terminal, eventually, order_document


def test_a_status_lists_its_runs_and_prints_them_as_a_link(shop: Terminal) -> None:
    shop.order(order_document("listed", cents=64_000))
    command = ("list", "--status", "awaiting_approval", "--kind", "order")

    listed = eventually(lambda: shop.starter(*command), lambda said: "order-listed" in said.out)

    assert listed.code == 0
    header, *rows = listed.out.splitlines()
    assert header.split() == ["ID", "STATUS", "TOTAL", "CUSTOMER,", "MERCHANT"]
    assert ["order-listed", "awaiting_approval", "640.00", "USD", "cus-listed"] in [
        row.split() for row in rows
    ]
    assert [row for row in (header, *rows) if len(row) > 80] == []
    count, _, link = listed.err.strip().partition("; in the Temporal UI: ")
    assert count == f"{len(rows)} run{'' if len(rows) == 1 else 's'}"
    assert link.startswith(f"{shop.stack.settings.temporal_ui_url}/namespaces/default/workflows?")
    (query,) = parse_qs(urlsplit(link).query)["query"]
    assert query == (
        "WorkflowType IN ('OrderWorkflow') AND ExecutionStatus NOT IN ('Terminated', 'TimedOut', "
        "'Failed') AND PipelineStatus = 'awaiting_approval'"
    )


def test_a_run_leaves_the_list_of_a_status_with_the_status(shop: Terminal) -> None:
    document = order_document("leaving", cents=64_000)
    shop.order(document)
    shop.starter("reject", "leaving")
    shop.result("order-leaving")

    def ids(status: str) -> list[str]:
        answer = shop.starter("list", "--status", status, "--json")
        assert answer.code == 0, answer
        assert answer.err == ""
        return [run["workflow_id"] for run in answer.objects]

    eventually(lambda: ids("rejected"), lambda found: "order-leaving" in found)
    eventually(lambda: ids("awaiting_approval"), lambda found: "order-leaving" not in found)


def test_kind_and_limit_narrow_the_list(shop: Terminal) -> None:
    for order_id in ("narrow-1", "narrow-2"):
        shop.order(order_document(order_id))
    eventually(
        lambda: shop.starter("list", "--kind", "order", "--json"),
        lambda said: (
            {"order-narrow-1", "order-narrow-2"} <= {run["workflow_id"] for run in said.objects}
        ),
    )

    limited = shop.starter("list", "--kind", "order", "--limit", "1", "--json")
    receipts = shop.starter("list", "--kind", "receipt", "--json")

    assert len(limited.objects) == 1
    assert not any("narrow" in run["workflow_id"] for run in receipts.objects)


def test_a_status_that_does_not_exist_is_answered_with_those_that_do(shop: Terminal) -> None:
    answer = shop.starter("list", "--status", "lost")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: status is 'lost': it must be one of approval_expired, ")


def test_a_limit_that_lists_nothing_is_refused(shop: Terminal) -> None:
    answer = shop.starter("list", "--limit", "0")

    assert (answer.code, answer.err) == (2, "error: limit is 0: it must be 1 or more\n")
