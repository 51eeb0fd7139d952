"""Mail that its run could not send: the hand-over, and the workflow that tries for days."""
