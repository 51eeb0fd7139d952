"""The receipts of a simulation: samples, and small pictures that are read in a moment."""

from sandbox.samples import RECEIPTS
from tests.support.drawn_receipts import drawn_receipt, drawn_tea

DRAWN = "drawn-"
NOTHING = "drawn-nothing"


def picture(kind: str, name: str) -> bytes:
    """Return the picture of a planned receipt: its kind, in bytes of its own."""
    if not kind.startswith(DRAWN):
        # Readers ignore what follows the end of a JPEG.
        return (RECEIPTS / f"{kind}.jpg").read_bytes() + name.encode()
    shop = f"Shop {name}"
    if kind == NOTHING:
        return drawn_receipt([(shop, ""), ("Thank you", ""), ("Open daily", "")])
    return drawn_tea(int(kind.removeprefix(DRAWN)), shop)
