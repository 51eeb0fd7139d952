"""What happens, in which order: deterministic workflows without I/O, clocks or random numbers."""
