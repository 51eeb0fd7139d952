"""Plain text: the signs that OCR and PDF files have many of, each as the one that the rules know.

A no-break space inside ``1 234,50`` cut off its thousands, and a Unicode minus made a refund an
expense. Control characters, which no receipt prints, are dropped.
"""

import re

from models import TextLine

_SPACES = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_DROPPED = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\ufffd"
_ZEROS = (0xFF10, 0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
"""The zeros of full width, and of Arabic, Persian, Hindi, Bengali and Thai."""
_PLAIN = str.maketrans(
    {
        **{chr(code): " " for code in _SPACES},
        **dict.fromkeys(_DROPPED, ""),
        **{chr(code): "" for code in (*range(9), *range(14, 32), *range(127, 160))},
        **dict.fromkeys("\t\n\v\f\r", " "),
        **dict.fromkeys("\u2212\u2010\u2011\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u2032", "'"),
        **{chr(zero + digit): str(digit) for zero in _ZEROS for digit in range(10)},
        **dict.fromkeys("\uff0e\u066b", "."),
        **dict.fromkeys("\uff0c\u066c\u060c", ","),
        "\u066a": "%",
        "\uff1a": ":",
        "\uff04": "$",
        "\uff05": "%",
        "\uff08": "(",
        "\uff09": ")",
    }
)
_DASH_OF_A_NUMBER = re.compile(
    r"(?<![\w\u2013\u2014])[\u2013\u2014](?=\s?\d)|(?<=\d)[\u2013\u2014](?!\s?\w)"
)
"""A dash right before or behind a number, but not one between two."""


def plain(text: str) -> str:
    """Return the text with one sign for each kind of blank, minus, apostrophe and digit."""
    if text.isascii() and text.isprintable():
        return text
    return _DASH_OF_A_NUMBER.sub("-", text.translate(_PLAIN))


def plain_line(line: TextLine) -> TextLine:
    """Return the line with plain text."""
    text = plain(line.text)
    return line if text == line.text else line.model_copy(update={"text": text})
