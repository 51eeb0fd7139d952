"""What those who are on call see of a process: its health, its metrics and its log."""
