"""Object storage: receipt files under the hash of their content."""

from collections.abc import Iterator
from typing import Protocol

from models import ListedReceipt


class ObjectStore(Protocol):
    """Stores receipt files. Blocking: call it from a thread."""

    def put_receipt(self, data: bytes) -> str:
        """Check that the bytes are a picture or a PDF, store them, and return the object key.

        Storing the same bytes again is harmless and returns the same key. Raises NotAnImage,
        ImageTooLarge, InvalidRequest, or a retryable error.
        """
        ...

    def get(self, object_key: str) -> bytes:
        """Return the bytes of an object.

        Raises ObjectMissing, ImageTooLarge, InvalidRequest, or a retryable error.
        """
        ...


class ReceiptStore(ObjectStore, Protocol):
    """An ``ObjectStore`` that can also be looked into, listed and closed."""

    def list_receipts(self) -> list[ListedReceipt]:
        """Return all stored receipts; a bucket that does not exist yet holds none.

        Raises InvalidRequest, or a retryable error.
        """
        ...

    def receipt_pages(self) -> Iterator[list[ListedReceipt]]:
        """Yield what ``list_receipts`` returns, page by page."""
        ...

    def holds(self, object_key: str) -> bool:
        """Tell whether there is an object of this key; raises a retryable error."""
        ...

    def delete(self, object_key: str) -> None:
        """Delete an object; one that is not there is no error. Raises a retryable error."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
