"""What is let in: connections, heads, bodies, and requests under way, each with its limit."""
