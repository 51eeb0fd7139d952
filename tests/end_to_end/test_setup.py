"""``starter.py setup`` on the real server: what is missing is created, once, and nothing else."""

import asyncio
import datetime as dt
import json
from dataclasses import replace
from typing import Any

from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributeKey

from sandbox.parts import TEMPORAL_SETTINGS
from service.audit.nightly import SCHEDULE_ID, last_audit
from service.readiness.namespace import type_name
from tests.support.terminal import (
    DEADLINE_SECONDS,
    LOOK_SECONDS,
    Answer,
    Terminal,
    order_document,
)
from workflows import search_attributes
from workflows.search_attributes import SEARCH_ATTRIBUTES

TYPES = {key.name: type_name(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}


def setup(shop: Terminal, namespace: str, *options: str) -> Answer:
    return shop.starter("setup", *options, TEMPORAL_NAMESPACE=namespace)


def outcomes(answer: Answer) -> dict[str, Any]:
    """Return what became of each search attribute."""
    return {
        found["search_attribute"]: found["outcome"]
        for found in answer.objects
        if "search_attribute" in found
    }


def test_all_search_attributes_are_known_to_setup_and_to_the_local_stack() -> None:
    ours = [one for one in vars(search_attributes).values() if isinstance(one, SearchAttributeKey)]
    assert {key.name for key in ours} == set(TYPES)
    options = {f"--search-attribute={name}={kind}" for name, kind in TYPES.items()}
    assert options <= set(TEMPORAL_SETTINGS)


def test_a_new_namespace_takes_orders_at_once_and_setup_again_changes_nothing(
    shop: Terminal,
) -> None:
    first = setup(shop, "new", "--retention-days", "7", "--json")
    document = json.dumps(order_document("after-setup"))
    ordered = shop.starter("order", "-", "--json", stdin=document, TEMPORAL_NAMESPACE="new")
    again = setup(shop, "new", "--retention-days", "9", "--json")

    assert (first.code, ordered.code, again.code) == (0, 0, 0)
    assert first.objects[0] == {"namespace": "new", "outcome": "created", "retention_days": 7.0}
    assert outcomes(first) == dict.fromkeys(TYPES, "created")
    types = {one["search_attribute"]: one["type"] for one in first.objects if "type" in one}
    assert types == TYPES
    assert again.objects[0] == {"namespace": "new", "outcome": "present", "retention_days": 7.0}
    assert outcomes(again) == dict.fromkeys(TYPES, "present")


def test_an_attribute_of_another_type_is_named_and_the_others_are_created(shop: Terminal) -> None:
    at = ("--address", shop.stack.temporal_address, "--namespace", "odd")
    for command in (
        ("namespace", "create"),
        ("search-attribute", "create", "--name", "TotalCents", "--type", "Keyword"),
    ):
        made = shop.temporal("operator", *command, *at)
        assert made.code == 0, made

    answer = setup(shop, "odd")

    assert answer.code == 1
    assert answer.out.splitlines() == [
        "namespace odd: already there, keeps runs that ended for 3 days",
        "search attribute PipelineStatus (Keyword): created",
        "search attribute CustomerId (Keyword): created",
        "search attribute TotalCents (Int): there as Keyword, which no run can use: use another "
        "namespace, or remove it ('temporal operator search-attribute remove --namespace odd "
        "--name TotalCents') and run this again",
        "search attribute Currency (Keyword): created",
        "search attribute Merchant (Keyword): created",
        "search attribute SubmittedBy (Keyword): created",
        "schedule nightly-audit: created, each day at 04:00 UTC",
    ]


def test_nothing_is_created_with_a_time_that_cannot_be(shop: Terminal) -> None:
    answer = setup(shop, "never", "--retention-days", "0")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: --retention-days is 0: it must be from 1 to 3650\n"
    assert shop.starter("list", TEMPORAL_NAMESPACE="never").code == 2


def test_a_name_that_the_server_refuses_is_named(shop: Terminal) -> None:
    name = "n" * 1001

    made, listed = setup(shop, name), shop.starter("list", TEMPORAL_NAMESPACE=name)

    assert (made.code, listed.code) == (2, 2)
    why = "Namespace length exceeds limit.\n"
    assert made.err == f"error: TEMPORAL_NAMESPACE cannot be used: {why}"
    assert listed.err.endswith(f" refuses TEMPORAL_NAMESPACE: {why}")


# --- the nightly audit ------------------------------------------------------------------------


def scheduled(shop: Terminal, *options: str, **settings: str) -> dict[str, Any]:
    """Return what became of the schedule."""
    answer = shop.starter("setup", *options, "--json", **settings)
    assert answer.code == 0, answer
    found: dict[str, Any] = answer.objects[-1]
    return found


def test_the_nightly_audit_is_scheduled_once_moved_and_paused(shop: Terminal) -> None:
    at_four = {"schedule": "nightly-audit", "at": "04:00", "time_zone": "UTC"}
    assert scheduled(shop) == {**at_four, "outcome": "created"}
    assert scheduled(shop) == {**at_four, "outcome": "present"}
    in_berlin = scheduled(shop, "--audit-at", "03:30", BUSINESS_TIME_ZONE="Europe/Berlin")
    assert in_berlin == {
        **{"schedule": "nightly-audit", "at": "03:30", "time_zone": "Europe/Berlin"},
        "outcome": "changed",
    }
    # A deploy that sets up again changes none of it, whatever its time zone.
    again = scheduled(shop)
    assert again == {**in_berlin, "outcome": "present"}
    never = {**in_berlin, "paused": True}
    assert scheduled(shop, "--audit-at", "never") == {**never, "outcome": "paused"}
    assert scheduled(shop) == {**never, "outcome": "present"}
    assert "paused" not in scheduled(shop, "--audit-at", "05:00")
    at = ("--schedule-id", SCHEDULE_ID, "--address", shop.stack.temporal_address)
    assert shop.temporal("schedule", "delete", *at).code == 0


def test_a_time_zone_that_there_is_not_is_named_by_its_setting(shop: Terminal) -> None:
    answer = shop.starter("setup", BUSINESS_TIME_ZONE="Europe/Munich")
    assert answer.code == 2
    assert answer.err.startswith("error: setting BUSINESS_TIME_ZONE: 'Europe/Munich' is no time")


async def test_a_schedule_of_somebody_else_stays_and_is_named(shop: Terminal) -> None:
    client = await shop.connect()
    theirs = ScheduleActionStartWorkflow("CleanUp", id="clean-up", task_queue="pipelines")
    # At the same time of day, and on Mondays only.
    monday = ScheduleCalendarSpec(hour=[ScheduleRange(4)], day_of_week=[ScheduleRange(1)])
    schedule = Schedule(theirs, spec=ScheduleSpec(calendars=[monday], time_zone_name="UTC"))
    handle = await client.create_schedule(SCHEDULE_ID, schedule)

    for options in ((), ("--audit-at", "never")):
        answer = await asyncio.to_thread(shop.starter, "setup", *options)
        assert answer.code == 1
        assert answer.out.splitlines()[-1] == (
            "schedule nightly-audit: there, but it starts CleanUp, which is no audit: if nobody "
            "needs it, delete it ('temporal schedule delete --namespace default --schedule-id "
            "nightly-audit') and run this again"
        )
    action = (await handle.describe()).schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert action.workflow == "CleanUp"
    await handle.delete()


async def test_an_audit_that_is_not_each_night_becomes_so_and_a_pause_is_said(
    shop: Terminal,
) -> None:
    assert (await asyncio.to_thread(scheduled, shop))["outcome"] == "created"
    client = await shop.connect()
    handle = client.get_schedule_handle(SCHEDULE_ID)

    def on_mondays(now: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = now.description.schedule
        monday = replace(schedule.spec.calendars[0], day_of_week=[ScheduleRange(1)])
        schedule.spec.calendars = [monday]
        return ScheduleUpdate(schedule)

    await handle.update(on_mondays)
    await handle.pause()
    kept = await asyncio.to_thread(shop.starter, "setup")
    changed = await asyncio.to_thread(scheduled, shop, "--audit-at", "04:00")
    said = await asyncio.to_thread(shop.starter, "setup")

    assert "schedule nightly-audit: already there, not each day, but paused" in kept.out
    assert (changed["outcome"], changed["paused"]) == ("changed", True)
    assert said.out.splitlines()[-1] == (
        "schedule nightly-audit: already there, each day at 04:00 UTC, but paused: nothing is "
        "audited until somebody unpauses it"
    )
    await handle.delete()


def test_a_time_that_is_none_is_refused_before_anything_is_created(shop: Terminal) -> None:
    answer = setup(shop, "never", "--audit-at", "25:00")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: --audit-at is 25:00: it must be a time such as 04:00, or never\n"


async def test_no_night_is_left_out_when_the_clocks_change(shop: Terminal) -> None:
    berlin = {"BUSINESS_TIME_ZONE": "Europe/Berlin"}
    assert (await asyncio.to_thread(scheduled, shop, **berlin))["outcome"] == "created"
    client = await shop.connect()
    matching = ListScheduleMatchingTimesRequest(namespace=client.namespace, schedule_id=SCHEDULE_ID)
    matching.start_time.FromDatetime(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    matching.end_time.FromDatetime(dt.datetime(2027, 12, 31, 12, tzinfo=dt.UTC))
    answer = await client.workflow_service.list_schedule_matching_times(matching)
    await client.get_schedule_handle(SCHEDULE_ID).delete()

    assert len({at.ToDatetime().date() for at in answer.start_time}) == 365
    assert len(answer.start_time) == 365


async def test_what_the_schedule_starts_audits_the_books(shop: Terminal) -> None:
    assert (await asyncio.to_thread(scheduled, shop))["outcome"] == "created"
    client = await shop.connect()
    began = dt.datetime.now(dt.UTC)
    await client.get_schedule_handle(SCHEDULE_ID).trigger()

    async with asyncio.timeout(DEADLINE_SECONDS):
        last = None
        while last is None:
            await asyncio.sleep(LOOK_SECONDS)
            last = await last_audit(client)

    assert last.ended_at > began
    audited = await asyncio.to_thread(shop.starter, "audit", "--json")
    assert last.findings == audited.objects[-1]["findings"], "what a person finds at the terminal"
