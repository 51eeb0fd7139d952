"""Where search attributes leave a worker: there, and not in a workflow, names are hidden.

A workflow cannot know whether payloads are encrypted. What it asks for is a value in a command
that it asks for anyway, so old histories replay, and runs that began before hide their names, too.
"""

import json
from collections.abc import Mapping
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from encryption.pseudonyms import Pseudonyms

NAMES = ("CustomerId", "SubmittedBy")
"""Attributes for which a pseudonym stands."""

LEFT_OUT = ("Merchant",)
"""Text of a receipt, by which nobody filters."""

_NOTHING = Payload(metadata={"encoding": b"binary/null"})


def hide(attributes: Mapping[str, Payload], pseudonyms: Pseudonyms) -> None:
    """Replace the payloads of attributes that name somebody."""
    for name in NAMES:
        value = json.loads(attributes[name].data) if name in attributes else None
        if isinstance(value, str):
            attributes[name].data = json.dumps(pseudonyms.of(value)).encode()
    for name in LEFT_OUT:
        if name in attributes:
            attributes[name].CopyFrom(_NOTHING)


class HidingRunner(WorkflowRunner):
    """A runner around another one."""

    def __init__(self, runner: WorkflowRunner, pseudonyms: Pseudonyms) -> None:
        self._runner = runner
        self._pseudonyms = pseudonyms

    def prepare_workflow(self, defn: Any) -> None:
        """Let the other runner prepare."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance that hides names in what it asks for."""
        return _Hiding(self._runner.create_instance(det), self._pseudonyms)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        """Let the other runner know."""
        self._runner.set_worker_level_failure_exception_types(types)


class _Hiding(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance, pseudonyms: Pseudonyms) -> None:
        self._instance = instance
        self._pseudonyms = pseudonyms

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        completion = self._instance.activate(act)
        for command in completion.successful.commands:
            if command.HasField("upsert_workflow_search_attributes"):
                asked = command.upsert_workflow_search_attributes.search_attributes
                hide(asked.indexed_fields, self._pseudonyms)
            elif command.HasField("start_child_workflow_execution"):
                child = command.start_child_workflow_execution.search_attributes
                hide(child.indexed_fields, self._pseudonyms)
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()
