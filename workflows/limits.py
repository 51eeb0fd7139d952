"""How much and how long, as the business decides. What bounds a single step is in its policy.

The approval threshold is a setting, ``APPROVAL_THRESHOLD``. A changed one is for orders that start
afterwards: each keeps what was decided when it started (``workflows/order/approval.py``). Changed
durations reach waits that have not begun.
"""

from datetime import timedelta

APPROVAL_THRESHOLD = 500
"""An order whose total is above so many units of its currency waits for an approval, unless the
setting says another number."""

APPROVAL_LIMIT = timedelta(hours=24)
"""An order that nobody decided on for so long ends as approval_expired."""

REVIEW_LIMIT = timedelta(days=7)
"""A receipt that nobody corrected for so long fails with the reason of its review."""

COMPENSATION_PATIENCE = timedelta(minutes=1)
"""How long one undo holds up the next, so that a failing release never blocks a refund."""

WORKFLOW_TASK_LIMIT = timedelta(seconds=2)
"""How long a worker may think about a workflow's next step before another worker is asked.
Our steps take milliseconds; the default of 10 s is how long a killed worker holds up a run."""
