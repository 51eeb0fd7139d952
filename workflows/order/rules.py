"""Which rules an order follows: those that were in force when it began.

A changed rule must not change orders that have begun, so each leaves a patch marker. Left where
the rule matters, that marker can come too late: directly behind a local step, if a query or a
signal is answered in between, it lands one workflow task behind the step's own. A replay then asks
for it a task too early, finds none, and stands still. So an order leaves one marker at its start
for all rules there are, and asks for none afterwards.
"""

from enum import StrEnum

from temporalio import workflow


class Rule(StrEnum):
    """A changed rule, by the patch of the orders that left a marker where it mattered."""

    BUSINESS_DAY_CHECKED_AGAIN = "business-day-checked-again"
    """Before, an order that was resumed on a Saturday was shipped on that Saturday."""

    CARRIER_ASKED_BEFORE_UNDO = "carrier-asked-before-undo"
    """Before, only some orders asked: those that remembered to have come as far as shipping."""

    ONLY_A_DECLINE_NEEDS_NO_UNDO = "only-a-decline-needs-no-undo"
    """Before, nothing was undone after any error by which a charge is refused."""

    REFUND_HAS_ITS_OWN_MAIL = "refund-has-its-own-mail"
    """Before, a customer was told once how the order ended, whatever became of it in a reset."""

    ENDED_ORDERS_ARE_ARCHIVED = "ended-orders-are-archived"
    """Before, nobody remembered an order once Temporal had forgotten its run."""

    EARLIER_MAIL_DROPPED = "earlier-mail-dropped"
    """Before, a run that was reset left the mail of the end that the reset took back."""

    MAILS_OF_EARLIER_TRIES_DROPPED = "mails-of-earlier-tries-dropped"
    """Before, there was no mail that outlived its try."""

    EARLIER_RUNS_UNDONE = "earlier-runs-undone"
    """Before, an order that ended without a charge of its own left what a run of it had begun that
    somebody terminated, and told the customer that nothing was charged."""

    EARLIER_CANCEL_COUNTS = "earlier-cancel-counts"
    """Before, a cancel lost to a later resume or expedite if one workflow task had both, as after a
    deploy: the goods were shipped."""

    BUSINESS_HOURS_LOOKED_UP = "business-hours-looked-up"
    """Before, business opened at 09:00 UTC from Monday to Friday, also on a public holiday."""


_SINCE: dict[Rule, int] = {
    Rule.EARLIER_RUNS_UNDONE: 2,
    Rule.EARLIER_CANCEL_COUNTS: 3,
    Rule.BUSINESS_HOURS_LOOKED_UP: 4,
}
"""The versions of the rules that came after version 1. A new rule comes with a new version."""

_VERSIONS = range(max((1, *_SINCE.values())), 0, -1)
"""All versions, newest first. Each has the rules of those before it as well."""


def marker_of(version: int) -> str:
    """Return the patch of the orders that began under this version of the rules."""
    return f"order-rules-{version}"


def follow_newest() -> None:
    """Decide the version of an order's rules. Call it once, before anything else of the run."""
    any(workflow.patched(marker_of(version)) for version in _VERSIONS)


def in_force(rule: Rule) -> bool:
    """Tell whether the order that runs follows a rule."""
    since = _SINCE.get(rule, 1)
    if any(workflow.patched(marker_of(version)) for version in _VERSIONS if version >= since):
        return True
    # Orders of no version left a marker of each rule of the first one where it mattered.
    return since == 1 and workflow.patched(rule)
