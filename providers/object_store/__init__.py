"""Object storage: receipts by the hash of their content."""

from typing import Protocol

from models import ListedReceipt


class ObjectStore(Protocol):
    """Where receipts are kept. Blocking: call it from a thread."""

    def put_receipt(self, data: bytes) -> str:
        """Check that the bytes are a receipt image, store them, give their object key.

        Raises NotAnImage, ImageTooLarge, or one of the errors worth retrying.
        """
        ...

    def get(self, object_key: str) -> bytes:
        """Give the bytes; raises ObjectMissing, or one of the errors worth retrying."""
        ...


class ReceiptStore(ObjectStore, Protocol):
    """A store as its owner has it: to list, and to close at the end."""

    def list_receipts(self) -> list[ListedReceipt]:
        """Return all stored receipts; a bucket that was never used holds none.

        Raises Unauthorized, or one of the errors worth retrying.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
