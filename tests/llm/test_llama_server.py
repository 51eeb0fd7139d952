"""The parsers against a real llama.cpp server, with a model that is too small to be accurate.

This tests the protocol: answers follow the schema, and a truncated answer, a receipt that is too
long and a model without vision have different errors. ``make test-llm`` installs server and weights
and runs this; without them it is skipped.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from config import ROOT, Settings
from models import ReceiptFields, ReceiptText
from providers.errors import (
    LanguageModelMisconfigured,
    ProviderUnavailable,
    TotalNotFound,
    UnexpectedAnswer,
)
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.two_parsers import TwoParsers
from tests.providers.receipt_parser.test_vision_parser import KEY, Store, photo
from tests.support.printed_receipts import printed

pytest.importorskip("xllamacpp", reason="make test-llm")
# The parsers are imported by what uses them: every process of the suite collects this file.

RECEIPT = printed("CAFE LUNA", "28.02.2026", "Coffee | 4.10", "Cake | 8.20", "TOTAL EUR | 12.30")


@contextmanager
def serving(tokens: int, context: int) -> Iterator[str]:
    """Start a server; yield the base URL of its API."""
    command = [sys.executable, "-m", "tests.llm.llama_server", str(tokens), str(context)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        with closing(server.stdin):
            yield f"{server.stdout.readline().strip()}/v1"


@pytest.fixture(scope="module")
def patient() -> Iterator[str]:
    with serving(tokens=200, context=2048) as url:
        yield url


@pytest.fixture(scope="module")
def terse() -> Iterator[str]:
    with serving(tokens=6, context=512) as url:
        yield url


def settings(url: str, **changes: str) -> Settings:
    return Settings.model_validate({"openai_base_url": url, "openai_model": "smollm2", **changes})


async def parse(url: str, text: ReceiptText, **changes: str) -> ReceiptFields:
    from providers.receipt_parser.openai import OpenAiParser

    parser = OpenAiParser(settings(url, **changes))
    try:
        return await parser.parse(text)
    finally:
        await parser.close()


async def fields_of(url: str) -> ReceiptFields:
    """Return what the model read, with or without a total."""
    try:
        return await parse(url, RECEIPT)
    except TotalNotFound as missing:
        assert missing.partial is not None
        return missing.partial


async def test_an_answer_holds_the_schema_and_is_believed_only_where_it_is_printed(
    patient: str,
) -> None:
    fields = await fields_of(patient)

    assert fields.parser == "openai:smollm2"
    if fields.total_cents not in (None, 410, 820, 1230):
        assert any("does not occur on the receipt" in doubt for doubt in fields.doubts)
    if str(fields.date) != "2026-02-28":
        assert any("date" in doubt for doubt in fields.doubts)


async def test_an_answer_that_is_cut_off_is_worth_another_try(terse: str) -> None:
    with pytest.raises(UnexpectedAnswer, match="the answer is cut off"):
        await parse(terse, RECEIPT)


async def test_a_receipt_too_long_for_the_model_is_a_misconfiguration(terse: str) -> None:
    long = printed(*(f"Article number {number} | 1.00" for number in range(200)))
    with pytest.raises(LanguageModelMisconfigured, match="answered 400"):
        await parse(terse, long)


async def test_a_wrong_path_is_a_misconfiguration(patient: str) -> None:
    with pytest.raises(LanguageModelMisconfigured, match="answered 404"):
        await parse(patient.removesuffix("/v1") + "/v9", RECEIPT)


async def test_a_model_without_vision_is_unavailable(patient: str) -> None:
    from providers.receipt_parser.vision import VisionParser

    parser = VisionParser(settings(patient), Store(photo()))
    with pytest.raises(ProviderUnavailable, match="answered 500"):
        await parser.parse(RECEIPT.model_copy(update={"object_key": KEY}))
    await parser.close()


async def test_a_weak_model_beside_the_rules_leaves_the_decision_to_a_person(
    patient: str,
) -> None:
    from providers.receipt_parser.openai import OpenAiParser

    model = OpenAiParser(settings(patient))
    fields = await TwoParsers(RulesParser(Settings()), model).parse(RECEIPT)
    await model.close()

    assert (fields.total_cents, fields.merchant) == (1230, "CAFE LUNA")
    alone = await fields_of(patient)
    if alone.total_cents != 1230:
        assert any("total" in doubt for doubt in fields.doubts)
