"""What is behind config.py: what values look like, secrets in files, names that are misspelt."""
