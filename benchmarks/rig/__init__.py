"""What the rows of the benchmarks share: stages, stubs, steps, and rounds turned into ratios."""
