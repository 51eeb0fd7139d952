"""What people read instead of names of activities and of what a history calls its steps.

A history keeps its summaries for good, so that words are chosen here, when they are read.
"""

import re
from collections.abc import Callable

STEPS = {
    "extract_text": "read the text of the receipt",
    "parse_receipt": "find the total, the date and the merchant",
    "save_expense": "save the expense",
    "notify_user": "mail the user that it was saved",
    "charge_payment": "charge the payment",
    "reserve_inventory": "reserve the items",
    "schedule_shipment": "hand the items to the carrier",
    "send_confirmation": "mail the customer that it is on its way",
    "send_cancellation": "mail the customer how it ended",
    "send_mail": "send the mail",
    "find_business_hours": "look up when business opens",
    "find_charge": "ask whether the payment was charged",
    "find_shipment": "ask whether it was shipped",
    "release_inventory": "release the items",
    "refund_payment": "refund the payment",
    "settle_try": "make sure that nothing stays charged or reserved",
    "archive_order": "keep on record how it ended",
    "audit_books": "compare every ledger with Temporal",
}
"""What each activity does, as it follows ``to``."""

A_STEP = "do a step"

_NAMES = re.compile(rf"\b({'|'.join(STEPS)})\b")

_STEP_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile(r"make sure that nothing of try \d+ is left"), lambda _: STEPS["settle_try"]),
    (re.compile(r"read the text of .+"), lambda _: STEPS["extract_text"]),
    (re.compile(r"find the total in \d+ lines"), lambda _: STEPS["parse_receipt"]),
    (re.compile(r"ship reservation .+"), lambda _: STEPS["schedule_shipment"]),
    (re.compile(r"release the reservation"), lambda _: STEPS["release_inventory"]),
    (
        re.compile(r"look up the (next business day|business hours)"),
        lambda _: STEPS["find_business_hours"],
    ),
    (re.compile(r"look up the shipment"), lambda _: STEPS["find_shipment"]),
    (re.compile(r"look up the charge of (.+)"), lambda m: f"ask whether {m[1]} was charged"),
    (re.compile(r"confirm \S+ over (.+)"), lambda m: f"charge {m[1]}"),
    (re.compile(r"mail the confirmation"), lambda _: STEPS["send_confirmation"]),
    (
        re.compile(r"mail that the order is (\w+)"),
        lambda m: f"mail the customer how it ended: {spaced(m[1])}",
    ),
    (
        re.compile(r"archive the order as (\w+)"),
        lambda m: f"keep on record that it ended: {spaced(m[1])}",
    ),
]

Wait = tuple[str | None, str | None]
"""What is said when a wait begins, and when its time is up; None says nothing."""

_WAIT_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Wait]]] = [
    (
        re.compile(r"approval of (.+), until (.+)"),
        lambda m: (
            f"waits for somebody to approve {m[1]} until {m[2]}",
            "nobody decided in time",
        ),
    ),
    (
        re.compile(r"next business day, (.+)"),
        lambda m: (
            f"waits until {m[1]}, when the next business day begins",
            "the business day has begun",
        ),
    ),
    (
        re.compile(r"correction, until (.+?): (.+)"),
        lambda m: (
            f"waits for somebody to check it until {m[1]}: {m[2]}",
            "nobody checked it in time",
        ),
    ),
    (
        re.compile(r"until another attempt: (.+)"),
        lambda m: (f"waits before it tries again to {step_in_words(m[1])}", None),
    ),
    (re.compile(r"until another attempt"), lambda _: ("waits before it tries again", None)),
    (re.compile(r"an earlier cancel counts first|until the next undo .+"), lambda _: (None, None)),
]


def spaced(name: str) -> str:
    """Write the name of a status as words: ``out of stock``."""
    return name.replace("_", " ")


def step_of(activity: str) -> str:
    """Say what an activity does, as it follows ``to``; never its name."""
    return STEPS.get(activity, A_STEP)


def step_in_words(summary: str) -> str:
    """Say what a step does of which a history has this summary, with or without its key."""
    name = summary.partition(", key ")[0]
    for pattern, words in _STEP_RULES:
        if match := pattern.fullmatch(name):
            return words(match)
    return name


def wait_in_words(summary: str) -> Wait:
    """Say what a wait is for of which a history has this summary."""
    for pattern, words in _WAIT_RULES:
        if match := pattern.fullmatch(summary):
            return words(match)
    return f"waits: {summary}", None


def without_names(words: str) -> str:
    """Return a sentence in which no activity is called by its name."""
    return _NAMES.sub(lambda match: f"the step to {STEPS[match[1]]}", words)
