"""The outside world: a folder per need, with its ``Protocol`` in ``__init__.py``."""
