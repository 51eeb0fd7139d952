"""The names by which runs, their keys and their task queues are found, here and nowhere else.

They are part of the contract: a run that is started twice under different names charges twice.
"""

from temporalio import workflow

HASH_DIGITS = 16
"""Of the content's SHA-256 in a receipt's id: 64 bits, and short enough to be read."""

INPUT_BOUND_TO_ID = "input-bound-to-id"
"""Patch. Before, a run that was started by hand under any id did its work under that id's keys."""

WRONG_WORKFLOW_ID = "WrongWorkflowId"
"""Type of the failure of a run whose input belongs to another id."""

MAIL_PREFIX = "mail-"

OCR_TASK_QUEUE_SUFFIX = "-ocr"


ORDER_PREFIX = "order-"
RECEIPT_PREFIX = "receipt-"
PREFIXES = (ORDER_PREFIX, RECEIPT_PREFIX, MAIL_PREFIX)
"""How the ids of all runs of the pipelines begin; ids of orders and receipts may, too."""


def order_workflow_id(order_id: str) -> str:
    """Return the workflow id of an order."""
    return ORDER_PREFIX + order_id


def order_id_of(workflow_id: str) -> str | None:
    """Return the id of the order whose workflow id this is; None if it is no order's."""
    order_id = workflow_id.removeprefix(ORDER_PREFIX)
    return order_id if order_id != workflow_id else None


def receipt_workflow_id(receipt_id: str) -> str:
    """Return the workflow id of a receipt."""
    return RECEIPT_PREFIX + receipt_id


def receipt_id_in(workflow_id: str) -> str:
    """Return the id of the receipt whose workflow id this is."""
    return workflow_id.removeprefix(RECEIPT_PREFIX)


def mail_workflow_id(idempotency_key: str) -> str:
    """Return the workflow id of a mail that its run could not send, by the mail's key."""
    return f"{MAIL_PREFIX}{idempotency_key.replace(':', '-')}"


def mail_named(workflow_id: str) -> tuple[str, str] | None:
    """Return whose mail a workflow id names: the run's workflow id, and the step there.

    None if it names no mail.
    """
    if not workflow_id.startswith(MAIL_PREFIX):
        return None
    run, _, step = workflow_id.removeprefix(MAIL_PREFIX).rpartition("-")
    if step.isdecimal():  # of a later try
        run, _, name = run.rpartition("-")
        step = f"{name}-{step}"
    return (run, step) if run else None


def content_of(object_key: str) -> str:
    """Return what a receipt's id says of its content: the beginning of its hash."""
    name = object_key.rpartition("/")[2]
    return (name.rpartition(".")[0] or name)[:HASH_DIGITS]


def receipt_id_of(user_id: str, object_key: str) -> str:
    """Return the id of a receipt: whose it is, and what it shows."""
    return f"{user_id}-{content_of(object_key)}"


def first_run_id() -> str:
    """Return the id that the run was started with; a reset gives it another one and keeps this."""
    info = workflow.info()
    return info.original_execution_run_id or info.run_id


def foreign_input(of: str) -> str | None:
    """Say that the run's input belongs to the workflow id ``of`` and not to its own; else None.

    Under another id it would do everything once more, because all keys are made of the id.
    """
    own = workflow.info().workflow_id
    # Asked last, so that only a run that is refused has the patch in its history.
    if own == of or not workflow.patched(INPUT_BOUND_TO_ID):
        return None
    return f"the input belongs to the workflow id {of}, not to {own}: nothing was done"


COUNTED_ALREADY = "refund"
"""The step whose keys end in numbers by themselves: a refund that failed is made again under
``...:refund:2`` (``providers/payments/refunds.py``)."""


def step_key(workflow_id: str, step: str, try_number: int = 1) -> str:
    """Return the idempotency key of a run's step.

    No run id, attempt or random number goes into it: so a retry, a reset or a restart charges,
    reserves, ships and mails once. A later try of an order has keys of its own, because under
    those of the first a declined card would only be answered again.
    """
    key = f"{workflow_id}:{step}"
    if try_number == 1:
        return key
    return f"{key}:try-{try_number}" if step == COUNTED_ALREADY else f"{key}:{try_number}"


def try_of(key: str, workflow_id: str, step: str) -> int | None:
    """Return the try whose step has this key; None for a key that is none of that run's step."""
    number = key.rpartition(":")[2].removeprefix("try-")
    candidates = (1, int(number)) if number.isdecimal() and number.isascii() else (1,)
    return next((n for n in candidates if step_key(workflow_id, step, n) == key), None)


def idempotency_key(step: str, try_number: int = 1) -> str:
    """Return the key of a step of the workflow that runs."""
    return step_key(workflow.info().workflow_id, step, try_number)


def provider_task_queue(task_queue: str, provider: str) -> str:
    """Return the task queue of a provider whose attempts are limited, beside the pipelines' own."""
    return f"{task_queue}-{provider}"


def ocr_task_queue(task_queue: str) -> str:
    """Return the task queue of OCR beside a pipelines' task queue.

    OCR eats whole cores: in one process with the rest, an order's light step waits for seconds.
    """
    return task_queue + OCR_TASK_QUEUE_SUFFIX
