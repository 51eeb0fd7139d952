"""The routes for programs: JSON in, JSON out."""
