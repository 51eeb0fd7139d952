"""Commands of those who operate it: set up, check, deploy, audit, erase, hand out keys."""
