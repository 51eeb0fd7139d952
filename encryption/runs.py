"""For which run something is encrypted.

Without it whoever can start a run could give it what was copied from another run's history, such
as the payment token of another customer.
"""

import re
from typing import NamedTuple

from temporalio.converter import (
    ActivitySerializationContext,
    SerializationContext,
    WorkflowSerializationContext,
)

_TIME_OF_A_SCHEDULE = re.compile(r"-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class RunKey(NamedTuple):
    """What stays the same of a run when it is reset, replayed, or tried again."""

    namespace: str
    workflow_id: str

    def takes(self, bound: "RunKey") -> bool:
        """Tell whether this run may read what was encrypted for ``bound``.

        A schedule knows only how the ids of its runs begin; the server adds the time, which holds
        colons, so that it is in no id of an order, a receipt or a mail.
        """
        if self.namespace != bound.namespace:
            return False
        rest = self.workflow_id.removeprefix(bound.workflow_id)
        is_begun_alike = self.workflow_id.startswith(bound.workflow_id)
        return is_begun_alike and (not rest or _TIME_OF_A_SCHEDULE.fullmatch(rest) is not None)


def run_of(context: SerializationContext) -> RunKey | None:
    """Return the run that the SDK reads or writes something of; None if it is none."""
    if not isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
        return None
    return RunKey(context.namespace, context.workflow_id) if context.workflow_id else None
