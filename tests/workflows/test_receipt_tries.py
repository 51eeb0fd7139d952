"""A later try of a receipt takes the text that an earlier one has read."""

from models import ReceiptStatus, ReceiptTry
from providers.errors import ProviderUnavailable
from service.receipts.retry import next_receipt
from service.runs.history import recorded
from tests.support.fakes import TEXT, World
from tests.support.pipelines import DATA_CONVERTER, QUEUE, Pipelines, a_receipt
from tests.support.watching import failure_of, result_of
from workflows.receipt.workflow import ReceiptWorkflow


async def test_text_that_was_read_is_not_read_again(pipelines: Pipelines, world: World) -> None:
    world.fail("save_expense", *[ProviderUnavailable("the database is away")] * 10)
    run = await pipelines.receipt()
    await failure_of(run)
    history = recorded((await run.fetch_history()).events)

    again = await next_receipt(DATA_CONVERTER, history)
    assert isinstance(again, ReceiptTry)
    assert again.text is not None
    assert again.text.lines == TEXT.lines
    result = await result_of(await pipelines.receipt(again))

    assert result.status == ReceiptStatus.COMPLETED
    assert world.names().count("extract_text") == 1
    assert list(world.expenses) == ["u1-abc"]
    third = await next_receipt(DATA_CONVERTER, recorded((await run.fetch_history()).events))
    assert third == again


async def test_without_a_text_the_input_is_that_of_a_first_try(pipelines: Pipelines) -> None:
    pipelines.world.fail("extract_text", *[ProviderUnavailable("S3 is away")] * 5)
    run = await pipelines.receipt()
    await failure_of(run)

    again = await next_receipt(DATA_CONVERTER, recorded((await run.fetch_history()).events))

    assert again == a_receipt()
    assert type(again) is type(a_receipt())


async def test_a_text_that_is_none_fails_the_run(pipelines: Pipelines) -> None:
    texts: tuple[object, ...] = ("TOTAL 1.00", {"lines": []}, 7)
    for text in texts:
        document = {**a_receipt().model_dump(mode="json"), "text": text}
        run = await pipelines.env.client.start_workflow(
            ReceiptWorkflow.run, document, id="receipt-u1-abc", task_queue=QUEUE
        )
        pipelines.runs.append(run)
        assert "the input is no Receipt: text" in str(await failure_of(run))
