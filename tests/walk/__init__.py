"""The road of docs/production.md, walked on one machine; docs/production-walk.md shows it."""
