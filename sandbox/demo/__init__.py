"""The demo: the scenario that ``make demo`` plays on the local stack."""
