"""Receipts are read in a process that can be stopped, and that holds no secrets."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from config import Settings
from models import ReceiptText
from providers.errors import ProviderUnavailable, TotalNotFound, UnexpectedAnswer
from providers.receipt_parser.confined_reading import ConfinedReading, ConfinedRulesParser
from providers.receipt_parser.reading import Question, Read, answer_to
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

TEXT = printed("CAFE LUNA", "28.02.2026", "TOTAL EUR | 12.30")
LONG = printed(*(f"TAX {n % 30}% | " + " ".join(["1.00 2.50"] * 12) for n in range(590)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading() -> AsyncIterator[ConfinedReading]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", "sk-hidden-word")
        confined = ConfinedReading(Settings(default_currency="CHF"))
        await confined.ask(Question(what="rows", text=TEXT))
        yield confined
        await confined.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


def process_of(reading: ConfinedReading) -> int:
    assert reading._process is not None
    return reading._process.pid


async def test_it_reads_what_the_rules_read(reading: ConfinedReading) -> None:
    fields = await ConfinedRulesParser(reading).parse(TEXT)
    assert fields == RulesParser(Settings(default_currency="CHF")).read(TEXT)


async def test_a_total_that_is_not_found_comes_with_the_rest(reading: ConfinedReading) -> None:
    with pytest.raises(TotalNotFound) as missing:
        await ConfinedRulesParser(reading).parse(printed("CAFE LUNA", "28.02.2026"))
    assert missing.value.partial is not None
    assert missing.value.partial.merchant == "CAFE LUNA"
    assert missing.value.partial.currency == "CHF", "the default"


async def test_it_answers_every_question_of_a_parser(reading: ConfinedReading) -> None:
    said = {"merchant": "Cafe Luna", "total": "12.30", "currency": "EUR", "date": "2026-02-28"}
    assert (await reading.ask(Question(what="rows", text=TEXT))).rows[0] == "CAFE LUNA"
    checked = await reading.ask(Question(what="witness", text=TEXT, parser="model", answer=said))
    assert checked.fields is not None
    assert (checked.fields.total_cents, checked.fields.doubts) == (1230, ())
    with pytest.raises(UnexpectedAnswer, match="the answer lacks"):
        broken = ((0, {"SummaryFields": [{"Type": {"Text": "TOTAL"}, "ValueDetection": 1}]}),)
        await reading.ask(Question(what="textract", text=TEXT, documents=broken))


async def test_it_has_no_secrets_of_ours(reading: ConfinedReading) -> None:
    environment = Path(f"/proc/{process_of(reading)}/environ").read_bytes()
    assert b"sk-hidden-word" not in environment
    assert b"PATH=" in environment


async def test_a_text_that_takes_too_long_is_for_a_person_and_the_loop_runs_on() -> None:
    confined = ConfinedReading(Settings(), cpu_seconds=0.01)
    ticks = 0
    try:
        reading = asyncio.create_task(ConfinedRulesParser(confined).parse(LONG))
        while not reading.done():
            await asyncio.sleep(0.005)
            ticks += 1
        with pytest.raises(TotalNotFound, match=r"takes more than 0\.01 s to read") as slow:
            await reading
        assert slow.value.partial is not None, "so that it can be reviewed"
        assert ticks > 5
    finally:
        await confined.close()


async def test_a_process_that_was_killed_is_started_again(reading: ConfinedReading) -> None:
    assert reading._process is not None
    first = process_of(reading)
    reading._process.send_signal(signal.SIGKILL)
    reading._process.wait()
    assert (await reading.ask(Question(what="rows", text=TEXT))).rows
    assert process_of(reading) != first


async def test_a_process_that_is_killed_while_it_reads_is_worth_another_try(
    reading: ConfinedReading,
) -> None:
    assert reading._process is not None
    reading._process.send_signal(signal.SIGSTOP)
    asked = asyncio.create_task(reading.ask(Question(what="rows", text=TEXT)))
    await asyncio.sleep(0)
    reading._process.send_signal(signal.SIGKILL)
    try:
        await asked  # it was killed before the question came, so another process answered
    except ProviderUnavailable as error:
        assert "exit code -9" in str(error)


@pytest.mark.parametrize("what", ["rows", "rules"])
async def test_it_needs_no_settings_but_those_in_the_question(what: str) -> None:
    question = Question.model_validate({"what": what, "text": TEXT, "default_currency": "JPY"})
    assert isinstance(answer_to(question), Read)
    assert isinstance(question.text, ReceiptText)
