"""What the recorded histories of receipts are of; ``tests/record_histories.py`` records them."""

from models import ReceiptStatus, ReceiptTry
from providers.errors import ProviderUnavailable, TotalNotFound
from tests.support.fakes import FIELDS, TEXT
from tests.support.pipelines import Pipelines, Run, a_receipt
from tests.support.recording import recorded_anew
from tests.support.watching import failure_of, result_of, until_receipt


async def receipt_completed(pipelines: Pipelines) -> Run:
    """One database failure is retried."""
    pipelines.world.fail("save_expense", ProviderUnavailable("the database is away"))
    run = await pipelines.receipt()
    await result_of(run)
    return run


async def receipt_by_model(pipelines: Pipelines) -> Run:
    """A parser whose answers cost money refuses its local attempt."""
    pipelines.world.is_metered = True
    run = await pipelines.receipt()
    await result_of(run)
    return run


async def receipt_not_told(pipelines: Pipelines) -> Run:
    run = await pipelines.receipt(a_receipt(notify_email=None))
    await result_of(run)
    return run


async def receipt_corrected(pipelines: Pipelines) -> Run:
    partial = FIELDS.model_copy(update={"total_cents": None})
    pipelines.world.fail("parse_receipt", TotalNotFound("no total", partial))
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.signal("correction", {"total_cents": 1250, "corrected_by": "ada"})
    await result_of(run)
    return run


async def receipt_corrected_in_no_currency(pipelines: Pipelines) -> Run:
    """One correction is dropped, and the next one counts."""
    pipelines.world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.signal("correction", {"total_cents": 1250, "currency": "XXX"})
    await run.signal("correction", {"total_cents": 1250, "currency": "KWD"})
    await result_of(run)
    return run


async def receipt_corrected_to_nothing(pipelines: Pipelines) -> Run:
    """A merchant and a date that are wrong are cleared."""
    pipelines.world.fields = FIELDS.model_copy(update={"doubts": ("two merchants",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.signal("correction", {"total_cents": -1250, "clear": ["merchant", "date"]})
    await result_of(run)
    return run


async def receipt_never_corrected(pipelines: Pipelines) -> Run:
    pipelines.world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await failure_of(run)
    return run


async def receipt_tried_again(pipelines: Pipelines) -> Run:
    """The text was read by an earlier run, which could not save the expense."""
    run = await pipelines.receipt(ReceiptTry(**a_receipt().model_dump(), text=TEXT))
    await result_of(run)
    return run


SCENARIOS = (
    receipt_completed,
    receipt_by_model,
    receipt_not_told,
    receipt_corrected,
    receipt_corrected_in_no_currency,
    receipt_corrected_to_nothing,
    receipt_never_corrected,
    receipt_tried_again,
    recorded_anew("receipt_corrected_with_a_cancel_in_mind", receipt_corrected),
)
