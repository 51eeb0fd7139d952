"""Benchmarks of the real parts; nothing here runs in production."""
