"""A language model at any OpenAI-compatible endpoint, asked for one receipt's fields.

What comes back fits the schema or is an error of the right kind: worth retrying, a setting
that is wrong, or a refusal. Whether it is true is for ``model_answer`` to check.
"""

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from config import Settings
from providers.errors import (
    LanguageModelMisconfigured,
    LanguageModelRefused,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    UnexpectedAnswer,
)
from providers.receipt_parser.model_answer import ModelAnswer
from providers.transport.retry_after import retry_after_seconds

_ANSWER_SECONDS = 50.0
"""Below the time limit of ``parse_receipt``, so that the error says what was waited for."""

_NO_KEY = "none"
"""Servers on one's own machine want no key; the client refuses to start without one."""


class LanguageModel:
    """One request a receipt, by structured output; never retried here."""

    def __init__(self, settings: Settings) -> None:
        key = settings.openai_api_key
        self._client = AsyncOpenAI(
            api_key=key.get_secret_value() if key else _NO_KEY,
            base_url=settings.openai_base_url,
            timeout=_ANSWER_SECONDS,
            max_retries=0,
        )
        self.name = settings.openai_model

    async def ask(self, messages: list[ChatCompletionMessageParam]) -> ModelAnswer:
        """Give the answer; one that is cut off or does not fit the schema is UnexpectedAnswer."""
        try:
            completion = await self._client.chat.completions.parse(
                model=self.name, messages=messages, response_format=ModelAnswer
            )
            message = completion.choices[0].message
        except openai.APIStatusError as error:
            raise self._from_status(error) from error
        except openai.APIConnectionError as error:
            raise ProviderUnavailable(f"{self._where()}: {error}") from error
        except openai.ContentFilterFinishReasonError as error:
            raise LanguageModelRefused(f"{self._where()}: the content filter stopped it") from error
        except openai.LengthFinishReasonError as error:
            raise UnexpectedAnswer(f"{self._where()}: the answer is cut off") from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, IndexError) as error:
            # The client hands on a body that is no JSON, or has no choices, and trips over it.
            raise UnexpectedAnswer(
                f"{self._where()}: the answer does not fit the schema ({type(error).__name__})"
            ) from error
        if message.refusal:
            raise LanguageModelRefused(f"{self._where()}: the model declines to read the receipt")
        if message.parsed is None:
            raise UnexpectedAnswer(f"{self._where()}: the answer is empty")
        return message.parsed

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        await self._client.close()

    def _from_status(self, error: openai.APIStatusError) -> ProviderError:
        """Sort by the status; the endpoint's words are left out, for they may repeat the key."""
        answered = f"{self._where()}: answered {error.status_code}"
        if error.code == "insufficient_quota":
            return LanguageModelMisconfigured(f"{answered}: the account's quota is used up")
        wait = retry_after_seconds(error.response.headers)
        if error.status_code == 429 or wait is not None:
            return ProviderRateLimited(answered, wait)
        if error.status_code >= 500 or error.status_code in (408, 409, 425):
            return ProviderUnavailable(answered)
        return LanguageModelMisconfigured(
            f"{answered}; check OPENAI_API_KEY, OPENAI_MODEL and OPENAI_BASE_URL"
        )

    def _where(self) -> str:
        url = self._client.base_url
        return f"language model {self.name} at {url.scheme}://{url.netloc.decode()}"
