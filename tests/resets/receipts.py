"""Receipts of every kind that has a recorded history, and open ones, up to their reset."""

from models import Correction, ReceiptStatus
from providers.errors import InvalidExpense
from tests.resets.play import Play

UNREADABLE = "cafe-coffee-stain"
CORRECTED_CENTS = 1140


async def receipt_completed(play: Play) -> None:
    await play.start_receipt()
    await play.ended()


async def receipt_by_model(play: Play) -> None:
    await receipt_completed(play)


async def receipt_not_told(play: Play) -> None:
    await play.start_receipt(tells=False)
    await play.ended()


async def receipt_corrected(play: Play) -> None:
    await receipt_open_for_a_correction(play)
    correction = Correction(total_cents=CORRECTED_CENTS, currency="EUR", corrected_by="ada")
    await play.run.signal("correction", correction)
    await play.ended()


async def receipt_never_corrected(play: Play) -> None:
    await play.start_receipt(UNREADABLE)
    await play.ended()


async def receipt_tried_again(play: Play) -> None:
    """The text was read by an earlier run, which could not save the expense."""
    invalid = InvalidExpense("a value that the table cannot store")
    await play.start_receipt(fails=("save_expense", invalid))
    await play.ended()
    await play.try_receipt_again()
    await play.ended()


async def receipt_open_for_a_correction(play: Play) -> None:
    await play.start_receipt(UNREADABLE)
    await play.until_state(status=ReceiptStatus.NEEDS_REVIEW)
