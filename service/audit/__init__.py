"""The audit: what Temporal says, compared with what every ledger holds. It changes nothing."""
