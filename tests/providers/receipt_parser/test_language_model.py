"""What the language model's client refuses: bad answers, large ones, slow ones, and redirects."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from aiohttp import web

from config import Settings, SettingsError
from providers.errors import (
    LanguageModelMisconfigured,
    LanguageModelRefused,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    UnexpectedAnswer,
)
from tests.providers.receipt_parser.test_openai_parser import (
    COFFEE,
    KEY,
    Fake,
    answering,
    completion,
    parser_at,
)

BAD_KEY = {"error": {"message": f"Incorrect API key: {KEY}", "code": "invalid_api_key"}}
NO_QUOTA = {"error": {"message": "pay", "code": "insufficient_quota"}}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: answering(completion(None, refusal="I cannot help")), LanguageModelRefused),
        (lambda: answering(completion("", finish="content_filter")), LanguageModelRefused),
        (lambda: answering(completion('{"merchant": "Ca', finish="length")), UnexpectedAnswer),
        (lambda: answering(completion('{"merchant": "Ca')), UnexpectedAnswer),
        (lambda: answering(completion('{"total": 12.3}')), UnexpectedAnswer),
        (lambda: answering(completion("Sure! The total is 12.30.")), UnexpectedAnswer),
        (lambda: answering(completion(None)), UnexpectedAnswer),
        (lambda: answering(completion("")), UnexpectedAnswer),
        (lambda: answering({"choices": []}), UnexpectedAnswer),
        (lambda: answering({"error": "busy"}), UnexpectedAnswer),
        (lambda: answering([1, 2]), UnexpectedAnswer),
        (lambda: answering("<html>log in to the hotel</html>"), UnexpectedAnswer),
        (lambda: answering(BAD_KEY, 401), LanguageModelMisconfigured),
        (lambda: answering(BAD_KEY, 403), LanguageModelMisconfigured),
        (
            lambda: answering({"error": {"code": "model_not_found"}}, 404),
            LanguageModelMisconfigured,
        ),
        (lambda: answering({"error": {"message": "no schema"}}, 400), LanguageModelMisconfigured),
        (lambda: answering(NO_QUOTA, 429), LanguageModelMisconfigured),
        (lambda: answering({}, 429), ProviderRateLimited),
        (lambda: answering({}, 500), ProviderUnavailable),
        (lambda: answering("<html>Bad Gateway</html>", 502), ProviderUnavailable),
    ],
)
async def test_each_bad_answer_is_an_error_of_the_right_kind_and_asked_for_once(
    answer: Callable[[], web.Response], kind: type[ProviderError]
) -> None:
    fake = Fake(answer())
    async with parser_at(fake) as parser:
        with pytest.raises(ProviderError) as caught:
            await parser.parse(COFFEE)
    assert type(caught.value) is kind, caught.value
    assert len(fake.requests) == 1
    assert "tiny-1 at http://127.0.0.1:" in str(caught.value)
    assert KEY not in str(caught.value)


async def test_a_redirect_is_not_followed() -> None:
    fake = Fake(answering({}, 302, Location="/v1/elsewhere"))
    async with parser_at(fake) as parser:
        with pytest.raises(LanguageModelMisconfigured, match="answered 302, a redirect"):
            await parser.parse(COFFEE)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: web.Response(body=b" " * 2_000_000, content_type="application/json"), "larger"),
        (lambda: answering({}, Content_Encoding="gzip"), "is compressed"),
    ],
)
async def test_an_answer_is_bounded_in_bytes(answer: Callable[[], web.Response], why: str) -> None:
    async with parser_at(Fake(answer())) as parser:
        with pytest.raises(UnexpectedAnswer, match=why):
            await parser.parse(COFFEE)


async def test_an_answer_that_never_ends_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.receipt_parser.language_model._ANSWER_SECONDS", 0.3)

    class Dribbling(Fake):
        async def complete(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override]
            answer = web.StreamResponse(headers={"Content-Type": "application/json"})
            await answer.prepare(request)
            with contextlib.suppress(ConnectionError):
                while True:  # each part in time, all of them never
                    await answer.write(b" ")
                    await asyncio.sleep(0.05)
            return answer

    async with parser_at(Dribbling(answering({}))) as parser:
        with pytest.raises(ProviderUnavailable, match="timed out"):
            await parser.parse(COFFEE)


@pytest.mark.parametrize("url", ["http://10.0.0.7:8080/v1", "http://llm.example/v1", "ftp://h/v1"])
def test_a_key_is_not_sent_over_plain_http_to_another_machine(url: str) -> None:
    from providers.receipt_parser.language_model import LanguageModel

    with pytest.raises(SettingsError, match="OPENAI_API_KEY is sent over https") as refused:
        LanguageModel(Settings.model_validate({"openai_base_url": url, "openai_api_key": KEY}))
    assert KEY not in str(refused.value)
    LanguageModel(Settings.model_validate({"openai_base_url": url, "openai_api_key": None}))


async def test_no_answer_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.receipt_parser.language_model._ANSWER_SECONDS", 0.1)
    never = asyncio.Event()

    class Slow(Fake):
        async def complete(self, request: web.Request) -> web.Response:
            await never.wait()
            return await super().complete(request)

    async with parser_at(Slow(answering({}))) as parser:
        with pytest.raises(ProviderUnavailable, match="timed out"):
            await parser.parse(COFFEE)
        never.set()
