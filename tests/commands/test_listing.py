"""The table of ``list``: what is cut, and what tells two runs of one id apart."""

import datetime as dt

from commands.listing import LINE_WIDTH, _Table
from service.runs.listing import ListedRun

BEGAN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
LONG = "a customer whose name takes more than a line has room for, by far"


def listed(order_id: str, hours: int = 0) -> ListedRun:
    return ListedRun(
        workflow_id=f"order-{order_id}",
        run_id="r",
        status="awaiting_approval",
        customer_id=LONG,
        total_cents=64_000,
        currency="USD",
        merchant=None,
        started_at=BEGAN + dt.timedelta(hours=hours),
        closed_at=None,
        failing=[],
    )


def test_only_a_terminal_has_names_cut() -> None:
    run = listed("1")

    assert _Table([run]).rows(run)[0].endswith(LONG)
    assert [len(row) for row in _Table([run], LINE_WIDTH).rows(run)] == [LINE_WIDTH]


def test_the_tries_of_one_order_are_told_apart_by_their_start() -> None:
    runs = [listed("1", hours=1), listed("1"), listed("2")]

    table = _Table(runs, LINE_WIDTH)

    started = [table.rows(run)[1:] for run in runs]
    assert started == [[f"  started 2026-01-05 {at}:00:00 UTC"] for at in ("10", "09")] + [[]]
