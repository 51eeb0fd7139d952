"""Whether everything is there that runs need, and what makes of it what can be made."""
