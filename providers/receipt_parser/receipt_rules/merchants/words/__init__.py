"""Words: what tells a merchant's name from the titles, labels, owners and towns beside it."""
