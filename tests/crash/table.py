"""The matrix as a document: what was tried, how it ended, what was left out and why."""

from collections.abc import Iterator, Sequence

from tests.crash.cases import ALSO_A_STEP, MOMENTS, STEPS, Case, Moment, Victim
from tests.crash.matrix import Outcome

_NAMES = {
    Victim.WORKER: "the worker",
    Victim.TEMPORAL: "the Temporal server",
    Victim.PROVIDER_API: "the provider API (payments, inventory, shipping)",
    Victim.S3: "S3",
    Victim.MAILBOX: "the e-mail server",
}

_HEAD = """\
# What a crash costs

Every step of both pipelines, times every part that can die, times every moment: the part gets
`kill -9` at exactly that moment, comes back, and the ledgers are compared with those of a run
that nothing happened to. `make crash` runs all of it and writes this page; `make crash
ONLY=worker/effect/charge` runs what has these words in its name, `VICTIM/MOMENT/STEP`.

"""

_HOW = """\
## What a cell says

**once**: the run ended in the status it would have had; each idempotency key has exactly one
effect in the provider's ledger, of the right amount; stock is shipped or given back; there is
one expense row; the customer or user has exactly one mail; no step whose end was recorded ran
again; OCR and the parser ran once, and once more only where the worker died holding their result.
A step that runs as a local activity is recorded with its workflow task; until then it runs again
under the same key if the worker or the server dies, and the provider gives the same answer again.
So does a call during which the server was away for longer than the heartbeat limit.
The time is from the victim's return to the run's end, and most of it is the wait that
`activities/policies.py` names for a step whose call failed (10 s for a charge), or the limit after
which a lost worker is noticed (1 s, OCR and mails 10 s).

**2 mails**: SMTP cannot say whether a mail whose answer was lost had been accepted, so the
step sends it again. The person gets a second copy with the same `Message-ID`, which many mail
programs show once; never none. Where the record of the sent mail exists, there is no second.

## How the moments are hit

Somebody stands still at exactly the named point while the harness (`tests/crash`) kills:

| moment | who stands still |
|---|---|
| before the call | the activity, which has begun and called nobody; a server that is the victim \
stays dead until the call has failed |
| after the effect, before the answer | a proxy between worker and server that has the answer \
and does not pass it on; for work inside the worker (OCR, parser, expense row) a wrapper around \
the provider's method |
| after the answer, before Temporal has it | the activity, which has returned and not reported; \
Temporal, if it is the victim, stays dead while the report is tried |
| between this step and the next | the workflow, which the server has given the step's result and \
which has not seen it |

Steps that wait for a person or for the business day are hit while they wait, and when the
signal has arrived and the workflow has not seen it. All cases of one victim and one moment stand
at their points together and share one kill. Policies, attempts, waits and time limits are those
of production, nothing is shortened; the harness adds hooks of the SDK and wrappers around
providers, and runs OCR in the worker's own process so that one kill takes all of it. The text
step's effect is S3's answer where S3 dies, and the text that was read otherwise.

"""


def table(outcomes: Sequence[Outcome]) -> str:
    """Return one Markdown table for each victim."""
    return "\n\n".join("\n".join(_of_victim(victim, outcomes)) for victim in _victims(outcomes))


def document(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the whole page; ``seconds`` is how long the matrix took."""
    bad = sum(bool(outcome.problems) for outcome in outcomes)
    copies = sum(outcome.mails > 1 for outcome in outcomes)
    summary = (
        f"Last run: {len(outcomes)} crashes in {seconds / 60:.0f} minutes on two cores; "
        f"{len(outcomes) - bad - copies} ended exactly once, {copies} with a second copy of a "
        f"mail, {bad} otherwise.\n\n"
    )
    return _HEAD + summary + table(outcomes) + "\n\n" + _HOW + "\n".join(_left_out()) + "\n"


def _victims(outcomes: Sequence[Outcome]) -> list[Victim]:
    hit = {outcome.case.victim for outcome in outcomes}
    return [victim for victim in Victim if victim in hit]


def _of_victim(victim: Victim, outcomes: Sequence[Outcome]) -> Iterator[str]:
    known = {outcome.case: outcome for outcome in outcomes if outcome.case.victim is victim}
    yield f"### kill -9 of {_NAMES[victim]}\n"
    yield "| step | " + " | ".join(MOMENTS.values()) + " |"
    yield "|---" * (len(MOMENTS) + 1) + "|"
    for step in STEPS:
        cells = [known.get(Case(step, victim, moment)) for moment in Moment]
        if any(cells):
            yield f"| {step.name} | " + " | ".join(map(_cell, cells)) + " |"


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    if outcome.problems:
        return f"**{outcome.words}**"
    times = "once" if outcome.mails == 1 else f"{outcome.mails} mails"
    return f"{times}, {outcome.seconds:.1f} s"


def _left_out() -> Iterator[str]:
    yield "## What was left out, and why\n"
    steps: dict[tuple[str, str], list[str]] = {}
    for step in STEPS:
        moments: dict[str, list[str]] = {}
        for case in (Case(step, victim, moment) for victim in Victim for moment in Moment):
            if reason := case.why_not():
                moments.setdefault(reason, []).append(MOMENTS[case.moment])
        for reason, hit in moments.items():
            always = set(hit) == set(MOMENTS.values())
            when = "" if always else f" ({'; '.join(dict.fromkeys(hit))})"
            steps.setdefault((reason, when), []).append(step.name)
    for (reason, when), names in steps.items():
        yield f"- {reason}: {', '.join(names)}{when}"
    yield f"- {ALSO_A_STEP}"
