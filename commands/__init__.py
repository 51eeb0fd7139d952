"""What ``starter.py``'s commands do, one file for each family of commands."""
