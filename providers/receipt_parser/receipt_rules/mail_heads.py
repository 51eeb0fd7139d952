"""Mail heads: a receipt that somebody forwarded has a sender and a day that are not its own."""

import re

from providers.receipt_parser.receipt_rules.rows import Row

_FIELD = re.compile(
    r"^(FROM|TO|CC|BCC|SUBJECT|DATE|SENT|REPLY TO|ATTACHMENTS?|VON|AN|KOPIE|BETREFF|GESENDET|DATUM"
    r"|DE|A|OBJET|ENVOYE|PARA|ASUNTO|ENVIADO|DA|OGGETTO|INVIATO|VAN|AAN|ONDERWERP|VERZONDEN|FRA|TIL"
    r"|EMNE|FRAN|TILL|AMNE|AE?MNE)\b"
)
_SUBJECT = re.compile(r"^(SUBJECT|BETREFF|OBJET|ASUNTO|OGGETTO|ONDERWERP|EMNE|AE?MNE)\b")
_MOST_ROWS = 10


def without_mail_head(rows: list[Row]) -> list[Row]:
    """Return the rows without the head of a mail that was printed with the receipt."""
    subjects = [i for i, row in enumerate(rows[:_MOST_ROWS]) if _SUBJECT.search(row.label)]
    if not subjects:
        return rows
    start = end = subjects[0]
    while start and _FIELD.search(rows[start - 1].label):
        start -= 1
    while end + 1 < len(rows) and _FIELD.search(rows[end + 1].label):
        end += 1
    is_head = end > start and any("@" in row.text for row in rows[start : end + 1])
    return rows[:start] + rows[end + 1 :] if is_head else rows
