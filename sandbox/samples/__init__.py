"""Sample orders and receipts, and what draws the receipts."""
