"""A small fixed part of the reset matrix: resets after which money, goods or mails went wrong."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record_histories import SCENARIOS
from tests.resets.cases import After, Case, Probe, cases_of
from tests.resets.checks import check
from tests.resets.matrix import Outcome, probe, run_matrix
from tests.resets.points import Point, Reapply, Remembers
from tests.resets.situations import SITUATIONS
from tests.resets.stage import open_stage
from tests.resets.table import document, table
from tests.support import mail_scenarios

FIXED = {
    # A charge of the first run stands, and this one ends before it has charged.
    ("order_open_and_approved", Remembers.NOTHING, Reapply.NONE, After.LEFT): "approval_expired",
    ("order_open_and_approved", Remembers.NOTHING, Reapply.ALL, After.CANCELLED): "cancelled",
    ("order_open_and_approved", Remembers.NOTHING, Reapply.NO_UPDATES, After.REJECTED): "rejected",
    # It was refunded, and this run remembers the charge.
    ("order_out_of_stock", Remembers.CHARGE, Reapply.ALL, After.LEFT): "payment_failed",
    ("order_open_in_a_release", Remembers.RESERVATION, Reapply.ALL, After.LEFT): "payment_failed",
    # The customer was told that nothing was charged; then it was, and was refunded.
    ("order_declined", Remembers.NOTHING, Reapply.ALL, After.CANCELLED_LATE): "cancelled",
    # It was shipped.
    ("order_cancel_refused", Remembers.NOTHING, Reapply.ALL, After.CANCELLED): "completed",
}

LEFT_OUT = {
    "audit_with_a_finding",
    "order_archived",
    "order_archived_after_an_outage",
    "order_in_yen_started_by_hand",
    "order_in_no_currency",
    "order_tried_again_too_late",
    "order_started_again_by_hand",
    "order_started_again_and_rejected",
    "receipt_corrected_in_no_currency",
    "receipt_corrected_to_nothing",
} | {str(getattr(one, "__name__", "")) for one in mail_scenarios.SCENARIOS}
"""An audit changes nothing. Orders are archived in all situations; a currency, or which fields a
correction has, changes nothing of a reset; a run
that is refused does nothing; and mails with a run of their own are in test_mail.py."""


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path, which is too long for the path of a socket.
    with tempfile.TemporaryDirectory(prefix="resets-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def test_whatever_a_reset_forgets_money_goods_and_mails_agree(folder: Path) -> None:
    names = {name for name, *_ in FIXED}
    async with open_stage(folder) as stage:
        probes = await probe(stage, [one for one in SITUATIONS if one.name in names])
        cases = [case for one in probes for case in _fixed(one)]
        outcomes = await run_matrix(stage, cases, lambda _: None)
        assert await check(stage, outcomes) == []
    ends = {_what(outcome.case): outcome.words for outcome in outcomes}
    assert ends == FIXED


def _what(case: Case) -> tuple[str, Remembers, Reapply, After]:
    return (case.situation.name, case.point.remembers, case.option, case.after)


def _fixed(one: Probe) -> Iterator[Case]:
    """Yield the earliest case of each kind in ``FIXED``."""
    seen = set()
    for case in cases_of(one):
        if (what := _what(case)) in FIXED and what not in seen:
            seen.add(what)
            yield case


def test_every_recorded_scenario_is_a_situation_of_the_matrix() -> None:
    situations = {situation.name for situation in SITUATIONS}
    names = {str(getattr(one, "__name__", "")) for one in SCENARIOS}
    recorded = {
        re.sub("(_and_archived|_by_rules(_[0-9])?|_with_a_cancel_in_mind)$", "", name)
        for name in names
    }
    assert recorded - LEFT_OUT <= situations


def test_the_table_shows_how_runs_ended_and_what_went_wrong() -> None:
    situation = next(one for one in SITUATIONS if one.name == "order_completed")
    point = Point(1, 4, Remembers.CHARGE, frozenset())
    case = Case(Probe(situation, (point,)), point, Reapply.ALL, After.LEFT)
    outcome = Outcome(case, "order-1", "a@b.example", Remembers.CHARGE, problems=["2 charges"])
    assert "| `order_completed` | **2 charges** 1 |" in table([outcome])
    assert "1 resets of 1 situations" in document([outcome], [], 1.0)
