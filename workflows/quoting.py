"""Text of a stranger's paper among words of ours: neither may it be a link, nor markup."""

_QUOTED = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>~|"})
_OF_LINKS = ("://", "www.", "Www.", "WWW.")
"""What programs that show text know a link by, beside markup."""


def in_markdown(text: str) -> str:
    """Return the text as Markdown that shows it as it is."""
    quoted = text.translate(_QUOTED)
    for part in _OF_LINKS:
        quoted = quoted.replace(part, part.replace(":", "\\:").replace(".", "\\."))
    return quoted


def without_links(text: str) -> str:
    """Return the text for a mail: programs that show mails make links of what looks like one."""
    for part in _OF_LINKS:
        text = text.replace(part, f" {part} ")
    return text
