"""The matrix as a document: what was tried, how it ended, what was left out and why."""

from collections.abc import Iterator, Sequence

from tests.crash.cases import ROWS, Case
from tests.crash.matrix import Outcome
from tests.crash.steps import MOMENTS, Group, Moment, Victim

_NAMES = {
    Victim.WORKER: "kill -9 of the worker",
    Victim.TEMPORAL: "kill -9 of the Temporal server",
    Victim.PROVIDER_API: "kill -9 of the provider API (payments, inventory, shipping)",
    Victim.S3: "kill -9 of S3",
    Victim.MAILBOX: "kill -9 of the e-mail server",
    Victim.KEYS: "kill -9 of the worker, and the provider API forgets all idempotency keys",
    Victim.SERVER: "kill -9 of the HTTP server, while it accepts what a program posts",
}

_GROUPS = {
    Group.STEPS: "Every step",
    Group.HTTP: "Every request of the HTTP contract",
    Group.STRIPE: "Every request of Stripe",
}

_HEAD = """\
# What a crash costs

Every step of both pipelines, times every part that can die, times every moment: the part gets
`kill -9` at exactly that moment, comes back, and the ledgers are compared with those of a run
that nothing happened to. A step that charges, refunds, reserves or ships makes several requests,
and what a provider answers to the second depends on what became of the first: so each request is
also hit by itself, those of Stripe too, and once more with all idempotency keys forgotten before
anything goes on. `make crash` runs all of it and writes this page; `make crash
ONLY=worker/effect/charge` runs what has these words in its name, `VICTIM/MOMENT/STEP`, and
`ONLY=stripe` or `ONLY=keys/` a part.

"""

_HOW = """\
## What a cell says

**once**: the run ended in the status it would have had; each idempotency key has exactly one
effect in the provider's ledger, of the right amount; stock is shipped or given back; there is
one expense row; the customer or user has exactly one mail; no step whose end was recorded ran
again; OCR and the parser ran once, and once more only where the worker died holding their result.
A step that runs as a local activity is recorded with its workflow task; until then it runs again
under the same key if the worker or the server dies, and the provider gives the same answer again.
So does a call during which the server was away for longer than the heartbeat limit, or whose worker
was too busy to send a heartbeat in time.
The time is from the victim's return to the run's end, and most of it is the wait that
`activities/policies.py` names for a step whose call failed (10 s for a charge), or the limit after
which a lost worker is noticed (1 s, OCR and mails 10 s).

After every case the run, the charge and the refund, the stock, the shipment and what the customer
was told agree: one charge for what is shipped, none or a complete refund for what is not. At the
end `starter.py audit`'s own rules compare all runs with all ledgers, to the cent.

**2 mails**: SMTP cannot say whether a mail whose answer was lost had been accepted, so the
step sends it again. The person gets a second copy with the same `Message-ID`, which many mail
programs show once; never none. Where the record of the sent mail exists, there is no second.

## How the moments are hit

Somebody stands still at exactly the named point while the harness (`tests/crash`) kills:

| moment | who stands still |
|---|---|
| before the call | the activity, which has begun and called nobody; in the tables of requests a \
proxy, which has the request and has passed nothing on; a server that is the victim stays dead \
until the call has failed; the HTTP server itself, which has checked what was posted |
| while the provider works on it | the provider API, which a magic token or SKU makes work on it \
for 6 seconds, longer than the worker is away |
| after the effect, before the answer | a proxy between worker and server that has the answer \
and does not pass it on; for work inside the worker (OCR, parser, expense row) a wrapper around \
the provider's method; the HTTP server, which has the answer of Temporal or S3 and has given none |
| after the answer, before Temporal has it | the activity, which has returned and not reported; \
Temporal, if it is the victim, stays dead while the report is tried |
| between this step and the next | the workflow, which the server has given the step's result and \
which has not seen it |
| on its way, to arrive when the run is over | a proxy, which has the request of a worker that \
died and passes it on after the run has ended; forgotten keys are forgotten again before that |

Steps that wait for a person or for the business day are hit while they wait, and when the
signal has arrived and the workflow has not seen it. All cases of one victim and one moment stand
at their points together and share one kill. Policies, attempts, waits and time limits are those
of production, nothing is shortened; the harness adds hooks of the SDK and wrappers around
providers, and runs OCR in the worker's own process so that one kill takes all of it. The text
step's effect is S3's answer where S3 dies, and the text that was read otherwise. Stripe is the
sandbox's (`/v1/payment_intents`), reached by the production provider.

In the tables of requests, *cancelled* says that the order is cancelled while the victim is down
(while Temporal is, nobody can: then as soon as it is back), *declined* that the card is, and
*unanswered* that the charge was made and the answers to all its attempts were lost. *close* is how
an undo makes sure that nothing can be charged or reserved any more, after the request that was to
do it got lost.

"""


def table(outcomes: Sequence[Outcome]) -> str:
    """Return one Markdown table for each group of rows and each victim."""
    return "\n\n".join("\n".join(lines) for lines in _tables(outcomes))


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


def _tables(outcomes: Sequence[Outcome]) -> Iterator[list[str]]:
    for group, title in _GROUPS.items():
        hit = {outcome.case: outcome for outcome in outcomes if outcome.case.step.group is group}
        if hit:
            yield [f"## {title}"]
        for victim in Victim:
            known = {case: outcome for case, outcome in hit.items() if case.victim is victim}
            if known:
                yield [f"### {_NAMES[victim]}\n", *_lines(known, victim)]


def _lines(known: dict[Case, Outcome], victim: Victim) -> Iterator[str]:
    moments = [moment for moment in Moment if any(case.moment is moment for case in known)]
    yield "| step | " + " | ".join(MOMENTS[moment] for moment in moments) + " |"
    yield "|---" * (len(moments) + 1) + "|"
    for step in ROWS:
        cells = [known.get(Case(step, victim, moment)) for moment in moments]
        if any(cells):
            yield f"| {step.name.removeprefix('stripe ')} | " + " | ".join(map(_cell, cells)) + " |"


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
    for step in ROWS:
        moments: dict[str, list[str]] = {}
        for case in (Case(step, victim, moment) for victim in Victim for moment in Moment):
            if reason := case.why_not():
                moments.setdefault(reason, []).append(MOMENTS[case.moment])
        for reason, hit in moments.items():
            always = set(hit) == set(MOMENTS.values())
            when = "" if always else f" ({'; '.join(dict.fromkeys(hit))})"
            name = step.name if step.group is Group.STEPS else ""
            steps.setdefault((reason, when), []).append(name)
    for (reason, when), names in steps.items():
        named = [name for name in names if name]
        if requests := len(names) - len(named):
            named.append(f"{requests} single requests")
        yield f"- {reason}: {', '.join(named)}{when}"
