"""Currencies at the doors of a run: refused once, in words, and replayed as it was decided."""

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from config import Settings
from models import DIGITS, ChargeRequest, Correction, Mail, OrderStatus, ReceiptStatus
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import Pipelines, order_over, replayer, small_order
from tests.support.watching import receipt_state, result_of, until_order, until_receipt
from workflows import limits
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import CURRENCY, needs_approval

REFUSED = "is not the ISO 4217 code of a currency in use, such as USD"


def mail_of(world: World) -> Mail:
    """Return the last mail that was sent."""
    mails = [call.request for call in world.calls if isinstance(call.request, Mail)]
    return mails[-1]


async def test_an_order_in_no_currency_fails_at_once_and_calls_nobody(
    pipelines: Pipelines, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await pipelines.order(small_order(currency="XXX"))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "ValidationError"
    assert failed.value.cause.message == f"the input is no Order: XXX {REFUSED}"
    assert world.calls == []
    # ISO 4217 may make it a currency one day, which this run never was.
    monkeypatch.setitem(DIGITS, "XXX", 2)
    await pipelines.replay()


async def test_an_order_ends_although_its_currency_is_withdrawn_meanwhile(
    pipelines: Pipelines, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await pipelines.order(small_order(currency="VED"))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    monkeypatch.delitem(DIGITS, "VED")
    await replayer().replay_workflow(await run.fetch_history())
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_a_correction_in_no_currency_is_refused_by_both_channels(
    pipelines: Pipelines, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await run.execute_update(
            ReceiptWorkflow.correct, Correction(total_cents=100, currency="XTS")
        )
    assert str(refused.value.cause) == f"CorrectionRefused: XTS {REFUSED}"
    await run.signal("correction", {"total_cents": 100, "currency": "XXX"})
    assert (await receipt_state(run)).status == ReceiptStatus.NEEDS_REVIEW
    await run.signal("correction", {"total_cents": 1_250, "currency": "KWD"})

    result = await result_of(run)
    assert (result.total_cents, result.currency) == (1_250, "KWD")
    assert "1.250 KWD at Corner Cafe" in mail_of(world).body
    monkeypatch.setitem(DIGITS, "XXX", 2)
    monkeypatch.delitem(DIGITS, "KWD")
    await pipelines.replay()


async def test_amounts_that_were_read_in_other_units_are_dropped_by_a_correction(
    pipelines: Pipelines, world: World
) -> None:
    world.fields = FIELDS.model_copy(update={"currency": None, "tax_cents": 12})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    correction = Correction(total_cents=1_280, currency="JPY")
    state = await run.execute_update(ReceiptWorkflow.correct, correction)
    assert state.fields is not None
    assert (state.fields.total_cents, state.fields.tax_cents) == (1_280, None)


async def test_a_parsers_word_for_no_currency_is_a_doubt(
    pipelines: Pipelines, world: World
) -> None:
    world.fields = FIELDS.model_copy(update={"currency": "XXX"})
    run = await pipelines.receipt()
    state = await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    assert state.reason is not None
    assert f"the parser read a currency that is none: XXX {REFUSED}" in state.reason
    assert state.fields is not None
    assert state.fields.currency is None


# --- the threshold of the approval --------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "most"), [("USD", 50_000), ("JPY", 500), ("KWD", 500_000), ("CLF", 5_000_000)]
)
def test_the_threshold_is_500_units_of_the_orders_own_currency(currency: str, most: int) -> None:
    assert not needs_approval(order_over(most).model_copy(update={"currency": currency}))
    assert needs_approval(order_over(most + 1).model_copy(update={"currency": currency}))
    assert not needs_approval(order_over(2 * most).model_copy(update={"currency": currency}), 1_000)


def test_the_setting_is_the_threshold_that_a_worker_has_without_it() -> None:
    assert Settings(_env_file=None).approval_threshold == limits.APPROVAL_THRESHOLD == 500


async def test_an_order_in_yen_is_held_up_by_its_yen(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(
        small_order(currency="JPY"),  # 2,000 yen: 20 if they had hundredths
        search_attributes=None,
    )
    state = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    assert (state.total_cents, state.currency) == (2_000, "JPY")
    described = await run.describe()
    assert described.typed_search_attributes[CURRENCY] == "JPY"
    metadata = await run.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert "**Order o1**, 2,000 JPY: **awaiting_approval**" in metadata.current_details
    await run.signal("approval", {"approved": True})
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert "over 2,000 JPY was handed" in mail_of(world).body
    (charge,) = (call.request for call in world.calls_of("charge_payment"))
    assert isinstance(charge, ChargeRequest)
    assert (charge.amount_cents, charge.currency) == (2_000, "JPY")
