"""Files that people bring: their kind, pages and pixels, without trusting a byte of them."""
