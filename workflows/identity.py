"""The names by which runs, their keys and their task queues are found, here and nowhere else.

They are part of the contract: a run that is started twice under different names charges twice.
"""

from temporalio import workflow

OCR_TASK_QUEUE_SUFFIX = "-ocr"


def order_workflow_id(order_id: str) -> str:
    """Return the workflow id of an order."""
    return f"order-{order_id}"


def receipt_workflow_id(receipt_id: str) -> str:
    """Return the workflow id of a receipt."""
    return f"receipt-{receipt_id}"


def step_key(workflow_id: str, step: str) -> str:
    """Return the idempotency key of a run's step.

    Nothing else goes into it, no run id, attempt or random number: so a retry, a reset or a restart
    charges, reserves, ships and mails once.
    """
    return f"{workflow_id}:{step}"


def idempotency_key(step: str) -> str:
    """Return the key of a step of the workflow that runs."""
    return step_key(workflow.info().workflow_id, step)


def ocr_task_queue(task_queue: str) -> str:
    """Return the task queue of OCR beside a pipelines' task queue.

    OCR eats whole cores: in one process with the rest, an order's light step waits for seconds.
    """
    return task_queue + OCR_TASK_QUEUE_SUFFIX
