"""The command that creates in Temporal what runs need: once, and again without harm."""

import argparse
import datetime as dt
import re

from temporalio.client import Client

from commands.terminal.outcome import ExitCode, worst
from commands.terminal.output import Output
from config import Settings
from service.audit import nightly
from service.calls import connect
from service.errors import BadInput
from service.readiness import namespace

MOST_DAYS = 3650

NEVER = "never"

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

_OUTCOMES = {
    nightly.Outcome.CREATED: "created",
    nightly.Outcome.CHANGED: "changed",
    nightly.Outcome.PRESENT: "already there",
    nightly.Outcome.PAUSED: "paused",
}


async def setup(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Create what is missing; RUN_FAILED if something is there that is of another type."""
    if not 1 <= args.retention_days <= MOST_DAYS:
        raise BadInput(
            f"--retention-days is {args.retention_days}: it must be from 1 to {MOST_DAYS}"
        )
    audit_at = _time_of_day(args.audit_at) if args.audit_at is not None else None
    client = await connect(settings, has_namespace=False)
    await _namespace(client, dt.timedelta(days=args.retention_days), output)
    code = ExitCode.DONE
    for attribute in await namespace.attributes_in(client):
        if attribute.found is None:
            await namespace.create_attribute(client, attribute.name)
            _say_attribute(attribute, "created", "created", output)
        elif attribute.found == attribute.wanted:
            _say_attribute(attribute, "present", "already there", output)
        else:
            _say_attribute(attribute, "other_type", _other_type(client, attribute), output)
            code = ExitCode.RUN_FAILED
    if args.audit_at == NEVER:
        found = await nightly.pause_audit(client, settings)
    else:
        found = await nightly.schedule_audit(client, settings, audit_at)
    return worst(code, _say_audit(client, found, output))


def _time_of_day(typed: str) -> dt.time | None:
    if typed == NEVER:
        return None
    if not _TIME.fullmatch(typed):
        raise BadInput(f"--audit-at is {typed}: it must be a time such as 04:00, or never")
    return dt.time.fromisoformat(typed)


def _say_audit(client: Client, found: nightly.Scheduled, output: Output) -> ExitCode:
    name = nightly.SCHEDULE_ID
    said = {"schedule": name, "outcome": found.outcome}
    if found.outcome is nightly.Outcome.FOREIGN:
        words = _other_schedule(client, found.starts)
        output.result({**said, "starts": found.starts}, f"schedule {name}: {words}")
        return ExitCode.RUN_FAILED
    when = f"each day at {found.at} {found.time_zone}" if found.at else "not each day"
    paused = ", but paused: nothing is audited until somebody unpauses it"
    output.result(
        {
            **said,
            **{"at": found.at, "time_zone": found.time_zone},
            **({"paused": True} if found.is_paused else {}),
        },
        f"schedule {name}: {_OUTCOMES[found.outcome]}, {when}{paused if found.is_paused else ''}",
    )
    return ExitCode.DONE


def _other_schedule(client: Client, starts: str) -> str:
    return (
        f"there, but it starts {starts}, which is no audit: if nobody needs it, delete it "
        f"('temporal schedule delete --namespace {client.namespace} --schedule-id "
        f"{nightly.SCHEDULE_ID}') and run this again"
    )


async def _namespace(client: Client, keep: dt.timedelta, output: Output) -> None:
    """Create the namespace if there is none; one that is there is left as it is."""
    kept = await namespace.retention_of(client)
    if kept is None:
        await namespace.create_namespace(client, keep)
    outcome, words = ("created", "created") if kept is None else ("present", "already there")
    days = (keep if kept is None else kept) / dt.timedelta(days=1)
    name = client.namespace
    output.result(
        {"namespace": name, "outcome": outcome, "retention_days": days},
        f"namespace {name}: {words}, keeps runs that ended for {days:g} days",
    )


def _say_attribute(
    attribute: namespace.Attribute, outcome: str, words: str, output: Output
) -> None:
    found = {"found_type": attribute.found} if outcome == "other_type" else {}
    output.result(
        {
            "search_attribute": attribute.name,
            "type": attribute.wanted,
            "outcome": outcome,
            **found,
        },
        f"search attribute {attribute.name} ({attribute.wanted}): {words}",
    )


def _other_type(client: Client, attribute: namespace.Attribute) -> str:
    return (
        f"there as {attribute.found}, which no run can use: use another namespace, or remove it "
        f"('temporal operator search-attribute remove --namespace {client.namespace} --name "
        f"{attribute.name}') and run this again"
    )
