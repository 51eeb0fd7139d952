"""Commands about receipts and the expenses that they become."""
