"""Who may do what, and what they did: access keys, and the log of actions."""
