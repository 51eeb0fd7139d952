"""Who is signed in at the desk, and the sessions by which that is known."""
