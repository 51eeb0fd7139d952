"""The state of the business as gauges, which only the lists of Temporal know."""
