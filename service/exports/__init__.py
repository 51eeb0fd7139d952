"""Expenses in the formats of other programs, and with their pictures."""
