"""What a terminal is: output in words or JSON, questions, progress and exit codes."""
