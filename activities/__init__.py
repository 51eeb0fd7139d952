"""One retryable step each: call one provider, and say in Temporal's words how it went."""
