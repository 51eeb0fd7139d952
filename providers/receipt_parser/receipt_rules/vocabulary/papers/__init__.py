"""Words of papers that are no ordinary receipt: refunds, quotes, interim bills, what was voided.

Each file has a family of words, a language a line, with the accents that they are printed with.
"""
