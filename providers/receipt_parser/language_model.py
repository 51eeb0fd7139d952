"""A language model at any OpenAI-compatible endpoint, asked for the fields of one receipt.

An answer either matches the schema or becomes an error: a retryable one, a wrong setting, or a
refusal. Whether the values are true is checked in ``model_answer``.
"""

import asyncio
from urllib.parse import urlsplit

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam
from yarl import URL

from config import Settings, SettingsError
from providers.errors import (
    LanguageModelMisconfigured,
    LanguageModelRefused,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    UnexpectedAnswer,
)
from providers.receipt_parser.bounded_answers import AnswerTooLarge, bounded_client
from providers.receipt_parser.model_answer import ModelAnswer
from providers.transport.http_session import http_call
from providers.transport.retry_after import retry_after_seconds
from settings.values import LOOPBACK

_ANSWER_SECONDS = 50.0
"""Below the time limit of ``parse_receipt``, so that the error names the language model."""

_NO_KEY = "none"
"""Local servers need no key, but the client cannot be built without one."""


class LanguageModel:
    """Sends one request per receipt and reads its structured output; never retries.

    Raises SettingsError for a key that would be sent over plain HTTP to another machine.
    """

    def __init__(self, settings: Settings) -> None:
        key = settings.openai_api_key
        if key and not _is_safe_for_keys(settings.openai_base_url):
            raise SettingsError(
                "setting OPENAI_BASE_URL: OPENAI_API_KEY is sent over https:// only, or over "
                "http:// to this machine; set one of the two otherwise"
            )
        self._client = AsyncOpenAI(
            api_key=key.get_secret_value() if key else _NO_KEY,
            base_url=settings.openai_base_url,
            timeout=_ANSWER_SECONDS,
            max_retries=0,
            http_client=bounded_client(_ANSWER_SECONDS),
        )
        self.name = settings.openai_model
        self._is_openais_own = settings.openai_base_url is None

    async def ask(self, messages: list[ChatCompletionMessageParam]) -> ModelAnswer:
        """Send the messages and return the answer.

        Raises UnexpectedAnswer for an answer that is truncated or does not match the schema,
        LanguageModelRefused, LanguageModelMisconfigured, ProviderRateLimited or
        ProviderUnavailable.
        """
        try:
            # The client's own limit is one for each part of an answer, however many there are.
            async with asyncio.timeout(_ANSWER_SECONDS):
                with http_call("POST", URL(str(self._client.base_url)) / "chat/completions"):
                    completion = await self._client.chat.completions.parse(
                        model=self.name, messages=messages, response_format=ModelAnswer
                    )
            message = completion.choices[0].message
        except AnswerTooLarge as error:
            raise UnexpectedAnswer(f"{self._where()}: {error}") from error
        except TimeoutError as error:
            raise ProviderUnavailable(f"{self._where()}: the request timed out") from error
        except openai.APIStatusError as error:
            raise self._from_status(error) from error
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, AnswerTooLarge):
                raise UnexpectedAnswer(f"{self._where()}: {error.__cause__}") from error
            raise ProviderUnavailable(f"{self._where()}: {error}") from error
        except openai.ContentFilterFinishReasonError as error:
            raise LanguageModelRefused(f"{self._where()}: blocked by its content filter") from error
        except openai.LengthFinishReasonError as error:
            raise UnexpectedAnswer(f"{self._where()}: the answer is cut off") from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, IndexError) as error:
            # How the client fails on a body that is not JSON or has no choices.
            raise UnexpectedAnswer(
                f"{self._where()}: the answer does not fit the schema ({type(error).__name__})"
            ) from error
        if message.refusal:
            raise LanguageModelRefused(f"{self._where()}: the model declines to read the receipt")
        if message.parsed is None:
            raise UnexpectedAnswer(f"{self._where()}: the answer is empty")
        return message.parsed

    async def answers(self) -> bool:
        """Ask for the model without using it; tell whether the endpoint says that it has it.

        Raises LanguageModelMisconfigured, ProviderRateLimited or ProviderUnavailable.
        """
        try:
            await self._client.models.retrieve(self.name)
        except openai.NotFoundError as error:
            if self._is_openais_own:
                raise self._from_status(error) from error
            return False  # many compatible servers list no models, or by other names
        except openai.APIStatusError as error:
            raise self._from_status(error) from error
        except openai.APIConnectionError as error:
            raise ProviderUnavailable(f"{self._where()}: {error}") from error
        except (openai.OpenAIError, AnswerTooLarge, ValueError, TypeError, AttributeError):
            return False
        return True

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        await self._client.close()

    def _from_status(self, error: openai.APIStatusError) -> ProviderError:
        """Return the error that a status means, without the endpoint's text.

        That text may repeat the API key.
        """
        answered = f"{self._where()}: answered {error.status_code}"
        if error.code == "insufficient_quota":
            return LanguageModelMisconfigured(f"{answered}: the account's quota is used up")
        if error.status_code < 400:
            return LanguageModelMisconfigured(
                f"{answered}, a redirect, which is not followed; set OPENAI_BASE_URL to where it "
                "leads"
            )
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


def _is_safe_for_keys(url: str | None) -> bool:
    """Return whether nobody on the way to the endpoint can read the key."""
    if url is None:
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        return False
