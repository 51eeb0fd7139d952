"""A small fixed part of the crash matrix; and whatever the whole matrix omits has a reason."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.audit import AuditActivities
from tests.crash.arena import open_arena
from tests.crash.cases import ROWS, all_cases
from tests.crash.matrix import Outcome, run_matrix
from tests.crash.points import Points
from tests.crash.steps import Moment, Victim
from tests.crash.table import document, table
from tests.support.activities import ALL_ACTIVITIES

DEFINITION = "__temporal_activity_definition"
"""The attribute by which the SDK knows an activity."""

FIXED = (
    "keys/effect/charge",
    "keys/effect/stripe-open",
    "keys/effect/stripe-refund",
    "worker/effect/record",
    "worker/effect/stripe-confirm-cancelled",
    "temporal/answered/ship",
    "provider-api/effect/stripe-confirm",
    "s3/effect/text",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path, which is too long for the path of a socket.
    with tempfile.TemporaryDirectory(prefix="crash-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def test_what_is_killed_at_its_worst_moment_ends_as_if_nothing_had_happened(
    folder: Path,
) -> None:
    cases = [case for case in all_cases() if case.name in FIXED]
    outcomes: list[Outcome] = []
    async with open_arena(folder) as arena:
        await run_matrix(arena, cases, outcomes.append)
    assert {outcome.case.name: outcome.words for outcome in outcomes} == dict.fromkeys(
        FIXED, "once"
    )


def test_every_activity_of_both_pipelines_is_a_step_of_the_matrix() -> None:
    # An audit is of no pipeline, and changes nothing.
    owners = [owner for owner in ALL_ACTIVITIES if owner is not AuditActivities]
    methods = [method for owner in owners for method in vars(owner).values()]
    names = {method.__name__ for method in methods if hasattr(method, DEFINITION)}
    assert len(names) > 10
    assert names <= {row.what for row in ROWS}


def test_every_omitted_case_has_a_reason_in_the_document() -> None:
    cases = all_cases()
    assert len(cases) == len(Victim) * len(Moment) * len(ROWS)
    left_out = {reason for case in cases if (reason := case.why_not())}
    page = document([Outcome(case) for case in cases if case.why_not() is None], 1.0)
    assert all(f"- {reason}" in page for reason in left_out)


def test_the_table_shows_what_went_wrong() -> None:
    case = next(case for case in all_cases() if case.name == "worker/effect/charge")
    assert "| charge | **2 charges** |" in table([Outcome(case, ["2 charges"])])


def test_a_point_stops_one_passer_once(tmp_path: Path) -> None:
    points = Points(tmp_path)
    assert not points.take("before.charge_payment.order-1")
    points.arm("before.charge_payment.order-1")
    assert not points.is_reached("before.charge_payment.order-1")
    assert points.take("before.charge_payment.order-1")
    assert points.is_reached("before.charge_payment.order-1")
    # A process that was killed here and restarted passes.
    assert not Points(tmp_path).take("before.charge_payment.order-1")
