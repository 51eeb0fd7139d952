"""Submitted files: their format, pages and pixels. Nothing in a file is trusted."""
