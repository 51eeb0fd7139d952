"""Runs of any kind: find them, list them, read what they have done and what they try now."""
