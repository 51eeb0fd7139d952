"""Pipelines beside ours, to read and to copy; nothing in production imports them."""
