"""Orders: from a document to a run, and the decisions about one that is under way."""
