"""Whose work a run is, told to the server with its start: one customer's batch holds up nobody.

A server that knows fairness gives the tasks that wait in a queue to workers by turns, a turn for
each customer or user. Without it an order waits until the thousands that came before are done.
Activities, and the run of a mail that is tried on, inherit it.
"""

from dataclasses import replace
from typing import Any

from temporalio.client import Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.common import TypedSearchAttributes

WHOSE = "CustomerId"
"""The search attribute that says whose a run is: the customer's or user's id, or its pseudonym.

Neither is longer than the 64 bytes of the longest key that the server takes."""


class FairStart(Interceptor):
    """Adds to each run that is started whose it is."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Intercept the starts of one client."""
        return _Starting(next)


class _Starting(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        """Start a run with the key of its customer or user."""
        if (whose := _whose(input)) is not None:
            input.priority = replace(input.priority, fairness_key=whose)
        return await super().start_workflow(input)


def _whose(input: StartWorkflowInput) -> str | None:
    attributes = input.search_attributes
    if not isinstance(attributes, TypedSearchAttributes):
        return None
    return next(
        (str(pair.value) for pair in attributes.search_attributes if pair.key.name == WHOSE), None
    )
