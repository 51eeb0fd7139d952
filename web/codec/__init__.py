"""The codec server: encrypted histories become readable in the Temporal UI and command line."""
