"""Receipts in an S3 bucket, so that a run's history contains a key and never the bytes.

The key contains the hash of the content. Storing a file twice makes one object, and bytes that
do not match their key (truncated or overwritten) are an error instead of a wrong receipt.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from config import Settings
from models import ListedReceipt
from providers.errors import (
    ImageTooLarge,
    ObjectMissing,
    ProviderRateLimited,
    ProviderUnavailable,
    StorageUnavailable,
    UnexpectedAnswer,
)
from providers.files.documents import check_receipt
from providers.transport.aws import ONE_ATTEMPT, aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

_CONTENT_KEY = re.compile(r"receipts/([0-9a-f]{64})\.[a-z0-9]+")
_FOLDER = "receipts/"
MISSING = ("NoSuchKey", "NoSuchBucket", "404")
"""Error codes of an object that is not there; a HEAD has no body to say which."""

_PIECE_BYTES = 1 << 20
_AMAZONS_OWN = "aws"
_FIRST_REGION = "us-east-1"
"""The one region that a bucket must not name as its LocationConstraint."""


class S3ObjectStore:
    """``ObjectStore`` on any S3-compatible endpoint. Blocking; safe to share between threads.

    ``attempts`` is how often one call is tried if the endpoint fails for a moment. Activities
    use 1, because Temporal retries them; before a run exists, nothing else would retry.
    """

    def __init__(self, settings: Settings, attempts: int = 1) -> None:
        self._client = s3_client(settings, attempts)
        self._bucket = settings.s3_bucket
        self._region = settings.s3_region
        self._settings = settings
        self._max_bytes = settings.receipt_max_bytes

    def put_receipt(self, data: bytes) -> str:
        """Check the bytes, store them, and return the object key; see ``ObjectStore``.

        Creates the bucket if it does not exist.
        """
        kind = check_receipt(data, self._settings)
        key = f"{_FOLDER}{hashlib.sha256(data).hexdigest()}.{kind.extension}"
        with bucket_errors(f"S3: put {key} into bucket {self._bucket}"):
            try:
                self._put(key, data, kind.content_type)
            except ClientError as error:
                if error_code(error) != "NoSuchBucket":
                    raise
                self._make_bucket()
                self._put(key, data, kind.content_type)
        return key

    def get(self, object_key: str) -> bytes:
        """Return the bytes of an object.

        Raises ObjectMissing, ImageTooLarge (above ``receipt_max_bytes``), InvalidRequest, or a
        retryable error; UnexpectedAnswer if the bytes do not match the hash in their key.
        """
        with bucket_errors(f"S3: get {object_key} from bucket {self._bucket}"):
            try:
                data = self._read(object_key)
            except ClientError as error:
                if error_code(error) not in MISSING:
                    raise
                raise ObjectMissing(
                    f"bucket {self._bucket} holds no object {object_key}"
                ) from error
        _check_content(object_key, data)
        return data

    def list_receipts(self) -> list[ListedReceipt]:
        """Return all stored receipts; see ``ReceiptStore.list_receipts``."""
        return [one for page in self.receipt_pages() for one in page]

    def receipt_pages(self) -> Iterator[list[ListedReceipt]]:
        """Yield all stored receipts; see ``ReceiptStore.receipt_pages``."""
        with bucket_errors(f"S3: list bucket {self._bucket}"):
            try:
                pages = self._client.get_paginator("list_objects_v2").paginate(
                    Bucket=self._bucket, Prefix=_FOLDER
                )
                for page in pages:
                    yield [
                        ListedReceipt(object_key=one["Key"], stored_at=one["LastModified"])
                        for one in page.get("Contents", [])
                    ]
            except ClientError as error:
                if error_code(error) != "NoSuchBucket":
                    raise

    def holds(self, object_key: str) -> bool:
        """Tell whether there is an object of this key; see ``ReceiptStore.holds``."""
        with bucket_errors(f"S3: look for {object_key} in bucket {self._bucket}"):
            try:
                self._client.head_object(Bucket=self._bucket, Key=object_key)
            except ClientError as error:
                if error_code(error) not in MISSING:
                    raise
                return False
        return True

    def delete(self, object_key: str) -> None:
        """Delete an object; see ``ReceiptStore.delete``."""
        with bucket_errors(f"S3: delete {object_key} from bucket {self._bucket}"):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=object_key)
            except ClientError as error:
                if error_code(error) not in MISSING:
                    raise

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._client.close()

    def _put(self, key: str, data: bytes, content_type: str) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    def _make_bucket(self) -> None:
        try:
            if self._region == _FIRST_REGION:
                self._client.create_bucket(Bucket=self._bucket)
            else:
                self._client.create_bucket(
                    Bucket=self._bucket,
                    CreateBucketConfiguration={
                        "LocationConstraint": cast("BucketLocationConstraintType", self._region)
                    },
                )
        except ClientError as error:
            # Another process was faster. If another account owns the bucket, the put fails.
            if error_code(error) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    def _read(self, object_key: str) -> bytes:
        answer = self._client.get_object(Bucket=self._bucket, Key=object_key)
        data = bytearray()
        with closing(answer["Body"]) as body:
            # Read to the end in pieces, not read(limit): only then does botocore notice a body
            # that is shorter than its Content-Length.
            for piece in body.iter_chunks(_PIECE_BYTES):
                data += piece
                if len(data) > self._max_bytes:
                    raise ImageTooLarge(
                        f"object {object_key} has more than the {self._max_bytes} bytes "
                        "that RECEIPT_MAX_BYTES allows"
                    )
        return bytes(data)


@contextmanager
def bucket_errors(doing: str) -> Iterator[None]:
    """Raise botocore's errors as ours; a bucket that is away is no outcome of a receipt."""
    try:
        with aws_errors(doing):
            yield
    except (ProviderUnavailable, ProviderRateLimited) as error:
        raise StorageUnavailable(str(error), error.retry_after_seconds) from error


def s3_client(settings: Settings, attempts: int) -> "S3Client":
    """Build the client of the bucket; see ``S3ObjectStore`` for ``attempts``."""
    config = ONE_ATTEMPT.merge(
        Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            s3={"addressing_style": "path"},
            # By default boto3 adds checksums, which rclone and other stores answer wrongly.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
    )
    if settings.s3_endpoint_url == _AMAZONS_OWN:
        return boto3.Session().client("s3", region_name=settings.s3_region, config=config)
    key_id, secret = settings.s3_access_key_id, settings.s3_secret_access_key
    return boto3.Session().client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=key_id.get_secret_value() if key_id else None,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=config,
    )


def _check_content(object_key: str, data: bytes) -> None:
    named = _CONTENT_KEY.fullmatch(object_key)
    if named and hashlib.sha256(data).hexdigest() != named[1]:
        raise UnexpectedAnswer(f"the bytes of object {object_key} do not match the hash in its key")
