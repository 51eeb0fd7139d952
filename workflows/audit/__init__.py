"""The nightly audit: a run each night, started by a schedule of Temporal."""
