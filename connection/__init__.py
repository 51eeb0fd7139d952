"""What is behind ``client.py``: certificates that can be used, and why a server cannot."""
