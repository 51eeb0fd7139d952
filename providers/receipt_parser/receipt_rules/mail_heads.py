"""Mail heads: a receipt that somebody forwarded has a sender and a day that are not its own."""

import re

from providers.receipt_parser.receipt_rules.rows import Row

_FIELD = re.compile(
    r"^(FROM|TO|CC|BCC|SUBJECT|DATE|SENT|REPLY TO|ATTACHMENTS?|VON|AN|KOPIE|BETREFF|GESENDET|DATUM"
    r"|DE|A|OBJET|ENVOYE|PARA|ASUNTO|ENVIADO|DA|OGGETTO|INVIATO|VAN|AAN|ONDERWERP|VERZONDEN|FRA|TIL"
    r"|EMNE|FRAN|TILL|AMNE|AE?MNE)\b"
)
_SUBJECT = re.compile(r"^(SUBJECT|BETREFF|OBJET|ASUNTO|OGGETTO|ONDERWERP|EMNE|AE?MNE)\b")
_SENDER = re.compile(r"<[^<>\s]{1,64}@[^<>\s]{1,80}>\s*$")
_FORWARDED = re.compile(r"^(FWD?|WG|TR|RV|RE|AW|ENC|I|VB|VS|PD|DOORST) ")
_MOST_ROWS = 10


def without_mail_head(rows: list[Row]) -> list[Row]:
    """Return the rows without the head of a mail that was printed with the receipt."""
    anchors = [i for i, row in enumerate(rows[:_MOST_ROWS]) if _is_anchor(row)]
    if not anchors:
        return rows
    start = end = anchors[0]
    while start and _FIELD.search(rows[start - 1].label):
        start -= 1
    while end + 1 < len(rows) and _FIELD.search(rows[end + 1].label):
        end += 1
    if end == start or not any("@" in row.text for row in rows[start : end + 1]):
        return rows
    if start and _FORWARDED.search(rows[start - 1].label):
        start -= 1  # the subject, printed as a heading
    return rows[:start] + rows[end + 1 :]


def _is_anchor(row: Row) -> bool:
    """Return whether a row is a mail's subject, or its sender with the address in brackets."""
    is_sender = bool(_FIELD.search(row.label)) and bool(_SENDER.search(row.text))
    return is_sender or bool(_SUBJECT.search(row.label))
