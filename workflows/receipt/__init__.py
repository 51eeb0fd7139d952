"""The receipt pipeline: its workflow, its steps, and what it says about its progress."""
