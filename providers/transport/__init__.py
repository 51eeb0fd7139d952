"""How providers are reached: bounded HTTP exchanges and AWS clients, one attempt per call."""
