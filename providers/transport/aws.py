"""What all our AWS clients share: one attempt per call, and errors of our own classes.

boto3 retries four times by itself and raises one class for every error. Temporal would retry
those retries, and could not tell a wrong key from an outage. Every client gets a session of its
own, because boto3's default session is not thread-safe and keeps the first credentials it saw.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from providers.errors import (
    InvalidRequest,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.spans import Call, provider_call
from providers.transport.retry_after import retry_after_seconds

ONE_ATTEMPT = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=20
)
"""One attempt; timeouts in seconds. The read timeout is the longest gap between two reads."""

_CREDENTIAL_CODES = frozenset(
    # Some services send these with status 400 instead of 403.
    {
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "InvalidToken",
        "UnrecognizedClientException",
    }
)
_THROTTLING_CODES = frozenset(
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_CREDENTIAL_ERRORS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.SSOTokenLoadError,
    boto.ProfileNotFound,
)
_USAGE_ERRORS = (
    boto.ParamValidationError,
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.EndpointResolutionError,
)


def error_code(error: boto.ClientError) -> str:
    """Return the service's error code, such as ``NoSuchKey``, or an empty string."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Raise botocore's errors as ours: Unauthorized, InvalidRequest or a retryable error.

    ``doing`` begins the message, such as ``S3: put KEY``.
    """
    try:
        with _call_of(doing):
            yield
    except boto.ClientError as error:
        raise _from_answer(doing, error) from error
    except _CREDENTIAL_ERRORS as error:
        raise Unauthorized(f"{doing}: no usable AWS credentials: {error}") from error
    except _USAGE_ERRORS as error:
        raise InvalidRequest(f"{doing}: {error}") from error
    except ResponseParserError as error:
        raise UnexpectedAnswer(f"{doing}: the answer is not a valid AWS response") from error
    except boto.BotoCoreError as error:
        raise ProviderUnavailable(f"{doing}: {_without_userinfo(error)}") from error


def _call_of(doing: str) -> AbstractContextManager[Call]:
    """Have a span around a call: its service and what it does, without the key of an object."""
    service, _, what = doing.partition(": ")
    attributes: dict[str, str | int] = {"rpc.system": "aws-api", "rpc.service": service}
    return provider_call(f"{service} {what.partition(' ')[0]}", attributes)


def _from_answer(doing: str, error: boto.ClientError) -> ProviderError:
    code = error_code(error)
    metadata: Mapping[str, object] = {**error.response.get("ResponseMetadata", {})}
    status = metadata.get("HTTPStatusCode")
    headers = metadata.get("HTTPHeaders")
    message = f"{doing}: answered {status} {code}"
    wait = retry_after_seconds(headers) if isinstance(headers, Mapping) else None
    if wait is not None or code in _THROTTLING_CODES or status == 429:
        return ProviderRateLimited(message, wait)
    if status in (401, 403) or code in _CREDENTIAL_CODES:
        return Unauthorized(f"{message}; check the key id, the secret and their permissions")
    if isinstance(status, int) and 400 <= status < 500:
        return InvalidRequest(message)
    return ProviderUnavailable(message)


def _without_userinfo(error: Exception) -> str:
    """Return what botocore says, without the user and password of an endpoint's address."""
    return re.sub(r"//[^/@\s]+@", "//***@", str(error))
