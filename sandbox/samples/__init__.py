"""Sample orders and receipts, and what draws the receipts."""

from pathlib import Path

ORDERS = Path(__file__).resolve().parent / "orders"
RECEIPTS = Path(__file__).resolve().parent / "receipts"
