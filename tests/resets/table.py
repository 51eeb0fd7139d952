"""The matrix as a document: what was reset to where, and how it ended."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.resets.cases import After
from tests.resets.matrix import Outcome
from tests.resets.points import Remembers

_HEAD = """\
# What a reset costs

An operator resets a run (`temporal workflow reset`): a new run begins with the first part of the
old one's history and remembers nothing of the rest, while the card stays charged and the goods
stay shipped. `make resets` brings runs into every situation of which there is a recorded history,
and into open ones, resets each at every workflow task, with every option of reapplying signals,
updates and cancel requests, does something with the new run, and then audits every ledger and
reads every mail. It writes this page; `make resets ONLY=order_paused` runs what has these words in
its name, `SITUATION/TASK/OPTION/AFTERWARDS`.

"""

_HOW = """\
## What a cell says

The endings of the new runs, and how many had each. In every one of them

- nothing is charged or shipped twice; what is shipped is paid, in full and once; what is not
  shipped is refunded in full, or was never charged; no stock stays held; the run knows the ids
  that the ledgers have;
- the customer's last mail is true: a confirmation names the shipment, a refund is named as it was
  made, and "You were not charged" is last only where nothing was charged; no mail came twice;
- an order of which nothing was undone, and which nobody rejected or cancelled, is completed;
- a receipt has one expense, and at most one mail, with its total;
- `python starter.py audit` finds nothing, and the new run's history replays.

A situation has the name of its recorded history (`tests/histories`). The columns say what the new
run remembers: the last thing that had answered before the point of the reset. Faults that led to
the situation are over by then, except in `order_out_of_stock_after_asking`.

## Why the endings are what they are

- What was shipped is completed, also if the order is then rejected or cancelled: the carrier is
  asked.
- What was refunded, or sealed so that nothing can be charged any more, stays so. Such an order
  ends as `payment_failed`, or as what it is cancelled or rejected for, and is never shipped:
  before shipping, a run that was reset asks whether its payment stands.
- An order that has done nothing asks all providers, if it was reset, before it says so.

## How it is done

On the local stack, with the sandbox's providers and its Stripe (`order_payment_opened` and
`order_payment_closed`). Policies are those of production; the server skips the waits. Lost answers
and outages come from a wrapper around the providers, so that they can be over after the reset.

Options that can make no difference are left out: after a run's last message there is nothing to
reapply. All are tried for runs that are then left alone, and those that differ for the others.
"""


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the Markdown tables, one for each thing that is done with the new run."""
    return "\n\n".join("\n".join(_of(after, outcomes)) for after in _afters(outcomes))


def document(outcomes: Sequence[Outcome], loose: Sequence[str], seconds: float) -> str:
    """Return the whole page; ``seconds`` is how long the matrix took."""
    bad = sum(bool(outcome.problems) for outcome in outcomes) + len(loose)
    situations = {outcome.case.situation.name for outcome in outcomes}
    options = {outcome.case.option for outcome in outcomes}
    summary = (
        f"Last run: {len(outcomes)} resets of {len(situations)} situations with {len(options)} "
        f"options in {seconds / 60:.0f} minutes on two cores; {bad} not as they must be.\n\n"
    )
    return _HEAD + summary + table(outcomes) + "\n\n" + _HOW


def _afters(outcomes: Sequence[Outcome]) -> list[After]:
    done = {outcome.case.after for outcome in outcomes}
    return [after for after in After if after in done]


def _of(after: After, outcomes: Sequence[Outcome]) -> Iterator[str]:
    these = [outcome for outcome in outcomes if outcome.case.after is after]
    columns = [one for one in Remembers if any(outcome.remembers is one for outcome in these)]
    yield f"### Reset, then {after}\n"
    yield "| situation | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name in dict.fromkeys(outcome.case.situation.name for outcome in these):
        row = [outcome for outcome in these if outcome.case.situation.name == name]
        cells = [_cell([one for one in row if one.remembers is column]) for column in columns]
        yield f"| `{name}` | " + " | ".join(cells) + " |"


def _cell(outcomes: Sequence[Outcome]) -> str:
    good = Counter(outcome.words for outcome in outcomes if not outcome.problems)
    bad = Counter(outcome.words for outcome in outcomes if outcome.problems)
    cells = [f"`{words}` {times}" for words, times in sorted(good.items())]
    cells += [f"**{words}** {times}" for words, times in sorted(bad.items())]
    return ", ".join(cells) or "-"
