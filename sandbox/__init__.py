"""The local stack: stand-ins for the outside world. Nothing that production runs imports this."""
