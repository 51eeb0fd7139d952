"""Runs in words, the same for ``status`` and for the end of ``--wait``."""

import datetime as dt
from collections.abc import Iterator, Sequence

from models import ExpenseEdit, MailState, OrderIds, OrderState, ReceiptState
from service.mails.standing import MailStanding
from service.runs.find import State
from workflows import purchase_wording, wording

FORGOTTEN = "from the archive: Temporal has forgotten its run"
"""Stands where the link into the Temporal UI would."""


def describe(
    workflow_id: str, state: State, elapsed: dt.timedelta, mails: Sequence[MailStanding] = ()
) -> list[str]:
    """Write where a run stands, a line for each thing that is known.

    ``mails`` are those that it could not send itself.
    """
    if isinstance(state, MailState):
        facts = [("mail of", state.of), ("tells", wording.what_is_told(state.step))]
    else:
        facts = _order_facts(state) if isinstance(state, OrderState) else _receipt_facts(state)
        facts.append(("step", state.step))
        facts.extend(("mail", words) for words in _what_became(workflow_id, state, mails))
    if state.waiting_for:
        until = f" until {wording.moment(state.waiting_until)}" if state.waiting_until else ""
        facts.append(("waits for", f"{state.waiting_for}{until}"))
    if state.reason:
        facts.append(("reason", state.reason))
    facts.append(("run time", str(dt.timedelta(seconds=round(elapsed.total_seconds())))))
    paused = ", paused" if isinstance(state, OrderState) and state.paused else ""
    lines = [f"{workflow_id}: {state.status}{paused}"]
    # One line a fact: a reason with line breaks in it must not look like facts of ours.
    lines.extend(f"  {name:<12} {' '.join(value.split())}" for name, value in facts)
    return lines


def changed_since(edit: ExpenseEdit) -> str:
    """Say what somebody has made of an expense since its receipt's run saved it."""
    by = f"by {edit.edited_by}, {wording.moment(edit.edited_at)}"
    if edit.is_deleted:
        return f"deleted {by}"
    merchant, day = edit.merchant or "no merchant", edit.date or "no date"
    return f"{wording.money(edit.total_cents, edit.currency)}, {merchant}, {day}: edited {by}"


def _what_became(
    workflow_id: str, state: OrderState | ReceiptState, mails: Sequence[MailStanding]
) -> Iterator[str]:
    """Say of each mail what became of it; nothing while a run has not come so far."""
    if state.customer_told if isinstance(state, OrderState) else state.user_told:
        yield "sent"
    for mail in mails:
        advice = "" if mail.is_sent else f"; 'starter.py tell {workflow_id}' tells again"
        yield mail.words() + advice


def _order_facts(state: OrderState) -> list[tuple[str, str]]:
    facts = [("total", wording.money(state.total_cents, state.currency))]
    if state.try_number > 1:
        facts.append(("try", str(state.try_number)))
    if state.submitted_by:
        facts.append(("submitted", f"by {state.submitted_by}"))
    if state.approval:
        facts.append(("approval", wording.decision(state.approval)))
    facts.extend(
        (name.removesuffix("_id"), value)
        for name in OrderIds.model_fields
        if (value := getattr(state, name))
    )
    if state.cancel_refused:
        facts.append(("cancel", f"refused: {state.cancel_refused}"))
    return facts


def _receipt_facts(state: ReceiptState) -> list[tuple[str, str]]:
    facts = [("user", state.user_id), ("object", state.object_key)]
    if fields := state.fields:
        facts += [
            ("merchant", fields.merchant or "not found"),
            ("date", str(fields.date or "not found")),
            (
                "total",
                "not found"
                if fields.total_cents is None
                else wording.money(fields.total_cents, fields.currency),
            ),
            ("read by", fields.parser),
            *([("corrected", f"by {state.corrected_by}")] if state.corrected_by else []),
        ]
        facts += purchase_wording.facts(fields, fields.currency)
    if state.expense_id:
        facts.append(("expense", state.expense_id))
    return facts
