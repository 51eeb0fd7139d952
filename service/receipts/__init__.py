"""Receipts: from a file to a run, and what a person needs to review one."""
