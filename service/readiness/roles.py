"""Which parts each of our processes uses, and so must be able to use before it begins."""

from enum import StrEnum

from config import Settings
from environment import Part

PICTURE_PARSERS = {"vision", "textract"}
"""Parsers that look at the picture, and not only at its text."""


class Role(StrEnum):
    """The part that a worker process serves."""

    ALL = "all"
    WORKFLOWS = "workflows"
    PROVIDERS = "providers"
    OCR = "ocr"


def parts_of_role(role: Role, settings: Settings) -> set[Part]:
    """Return what a worker of this role uses; of all roles, in its OCR process or beside it."""
    if role is Role.OCR:
        return {Part.TEMPORAL, Part.BUCKET, Part.OCR}
    parts = {Part.TEMPORAL, Part.TOKENS, Part.RECORDS, Part.PROVIDERS, Part.MAIL}
    if role is not Role.WORKFLOWS:
        # The nightly audit looks into the bucket.
        parts |= {Part.PARSER, Part.BUCKET}
    if {settings.receipt_parser, settings.receipt_second_parser} & PICTURE_PARSERS:
        parts.add(Part.BUCKET)
    return parts | {Part.OCR} if role is Role.ALL else parts
