"""Object storage: receipts by the hash of their content."""

from typing import Protocol


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
