"""What those who are on call see of a process: its health, its metrics, its traces and its log."""
