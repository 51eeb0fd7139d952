"""The outside world: one file per need, a ``Protocol`` first, then its implementations."""
