"""The sandbox's payment, inventory and shipping API: durable, idempotent, failing on request."""
