"""Whether the bucket can be used: what the first receipt would find out, before there is one.

Blocking, as the store is.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from config import Settings
from providers.errors import ObjectMissing, Unauthorized, Unfit
from providers.object_store.s3 import MISSING, bucket_errors, s3_client
from providers.transport.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "checks/"
"""Beside the receipts, so that no audit and no list sees what is there for a moment."""

MOST_SECONDS_APART = 60.0
"""Clocks that differ by more are wrong: S3 refuses every call from a quarter of an hour on."""

NOT_THERE_YET = "does not exist yet: the first receipt creates it"


def probe_reading(settings: Settings) -> str:
    """Ask for an object that nobody stored; return what answered, in words.

    Raises Unauthorized for keys that do not count, or a retryable error.
    """
    with closing(s3_client(settings, attempts=1)) as client:
        try:
            _get(client, settings.s3_bucket, FOLDER + secrets.token_hex(8))
        except ObjectMissing:
            return f"{settings.s3_bucket} answers"
        except _NoBucket:
            return f"{settings.s3_bucket} {NOT_THERE_YET}"
        except _MayNotList:
            # Who may read but not list is told that of everything that does not exist.
            return f"{settings.s3_bucket} answers, and lets us list nothing"
    return f"{settings.s3_bucket} answers"


def probe_writing(settings: Settings) -> str:
    """Put an object, get it and delete it again; return what answered, in words.

    Raises Unfit for a clock that is wrong, Unauthorized, InvalidRequest or a retryable error.
    """
    bucket, key = settings.s3_bucket, FOLDER + secrets.token_hex(8)
    sent = key.encode()
    with closing(s3_client(settings, attempts=1)) as client:
        try:
            with bucket_errors(f"S3: put into bucket {bucket}"):
                answer = client.put_object(Bucket=bucket, Key=key, Body=sent)
        except Exception as error:
            if _code_behind(error) != "NoSuchBucket":
                raise
            return f"{bucket} {NOT_THERE_YET}"
        got = _got(client, bucket, key)
        with bucket_errors(f"S3: remove an object of bucket {bucket}"):
            client.delete_object(Bucket=bucket, Key=key)
    if got != sent:
        raise Unfit(f"bucket {bucket} returns other bytes than were put into it")
    return f"{bucket}: put, get and delete; clocks {_checked_clock(answer):.0f} s apart"


class _NoBucket(Exception):
    """The bucket does not exist."""


class _MayNotList(Exception):
    """We may not know what does not exist."""


def _get(client: "S3Client", bucket: str, key: str) -> bytes:
    with bucket_errors(f"S3: get from bucket {bucket}"):
        try:
            with closing(client.get_object(Bucket=bucket, Key=key)["Body"]) as body:
                return body.read()
        except ClientError as error:
            code = error_code(error)
            if code == "NoSuchBucket":
                raise _NoBucket from None
            if code == "AccessDenied":
                raise _MayNotList from None
            if code in MISSING:
                raise ObjectMissing(f"bucket {bucket} holds no object {key}") from error
            raise


def _got(client: "S3Client", bucket: str, key: str) -> bytes:
    try:
        return _get(client, bucket, key)
    except (_MayNotList, _NoBucket):
        raise Unauthorized(f"bucket {bucket} lets us put and not get: allow s3:GetObject") from None


def _code_behind(error: Exception) -> str:
    cause = error.__cause__
    return error_code(cause) if isinstance(cause, ClientError) else ""


def _checked_clock(answer: Mapping[str, Any]) -> float:
    """Return how many seconds the clocks of bucket and machine differ; raise Unfit if too many."""
    said = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    try:
        theirs = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return 0.0
    apart = abs((dt.datetime.now(dt.UTC) - theirs.astimezone(dt.UTC)).total_seconds())
    if apart > MOST_SECONDS_APART:
        raise Unfit(
            f"the clock of this machine and that of the bucket are {apart:.0f} s apart: set this "
            "machine's; S3 refuses every call from 900 s on"
        )
    return apart
