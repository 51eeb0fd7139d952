"""OCR by AWS Textract: lines of text with their boxes, turned so that the page is upright.

The picture is sent as a JPEG of a bounded size, turned as EXIF says, so that Textract does not
refuse formats that it does not know (WebP) or requests above its limit of 10 MB.
"""

import math
from collections import Counter
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.exceptions import ClientError
from PIL import Image

from config import Settings
from models import MAX_LINE_CHARACTERS, MAX_TEXT_LINES, ReceiptText, TextLine
from providers.errors import ImageTooLarge, NotAnImage, UnexpectedAnswer
from providers.files.confined_pictures import decode_picture
from providers.files.documents import picture_limits
from providers.transport.aws import ONE_ATTEMPT, aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_textract import TextractClient
    from mypy_boto3_textract.type_defs import BlockTypeDef

_LONGEST_SIDE = 3500
"""A page is shrunk to this many pixels; even noise then stays below 10 MB as JPEG."""
_JPEG_QUALITY = 90

Point = tuple[float, float]
"""x and y in pixels, from the upper left."""


class _Line(NamedTuple):
    """A line on the page as it was sent; corners in pixels, clockwise from the text's top left."""

    text: str
    confidence: float
    corners: tuple[Point, ...]

    @property
    def degrees(self) -> float:
        """Return the direction of the text: 0 is to the right, 90 downwards."""
        (left, top), (right, bottom) = self.corners[:2]
        return math.degrees(math.atan2(bottom - top, right - left))


class TextractReader:
    """A ``TextReader`` on AWS; boto3 finds the credentials (its default chain)."""

    def __init__(self, settings: Settings) -> None:
        with aws_errors("Textract: set up"):
            self._client: TextractClient = boto3.Session().client(
                "textract", region_name=settings.aws_region, config=ONE_ATTEMPT
            )
        self._limits = picture_limits(settings)

    def read(self, image: bytes) -> ReceiptText:
        """Return the text of the page; see ``TextReader.read``."""
        page = decode_picture(image, self._limits, _LONGEST_SIDE)
        jpeg = BytesIO()
        Image.fromarray(page.pixels).save(jpeg, "JPEG", quality=_JPEG_QUALITY)
        lines = self._lines(jpeg.getvalue(), page.width, page.height)
        return _upright(lines, page.width, page.height)

    def close(self) -> None:
        """Close the connections to Textract."""
        self._client.close()

    def _lines(self, jpeg: bytes, width: int, height: int) -> list[_Line]:
        with aws_errors("Textract: read a receipt"):
            try:
                answer = self._client.detect_document_text(Document={"Bytes": jpeg})
            except ClientError as error:
                _raise_refusal(error)
                raise
        try:
            lines = [block for block in answer["Blocks"] if block["BlockType"] == "LINE"]
            return [_line(block, width, height) for block in lines[:MAX_TEXT_LINES]]
        except (KeyError, ValueError) as error:
            raise UnexpectedAnswer(f"Textract: read a receipt: the answer lacks {error}") from error


def _raise_refusal(error: ClientError) -> None:
    if error_code(error) == "DocumentTooLargeException":
        raise ImageTooLarge("Textract refuses the receipt: it is too large") from error
    if error_code(error) in ("UnsupportedDocumentException", "BadDocumentException"):
        raise NotAnImage(f"Textract refuses the receipt: {error_code(error)}") from error


def _line(block: "BlockTypeDef", width: int, height: int) -> _Line:
    polygon = block["Geometry"]["Polygon"]
    if len(polygon) < 4:
        raise ValueError(f"a polygon of four corners; it has {len(polygon)}")
    return _Line(
        text=block["Text"].strip()[:MAX_LINE_CHARACTERS],
        confidence=round(block["Confidence"] / 100, 3),
        corners=tuple((point["X"] * width, point["Y"] * height) for point in polygon),
    )


def _upright(lines: list[_Line], width: int, height: int) -> ReceiptText:
    """Turn all lines by the quarter turns that make most of the text upright."""
    votes: Counter[int] = Counter()
    for line in lines:
        votes[round(line.degrees / 90) % 4] += len(line.text)
    quarters = votes.most_common(1)[0][0] if votes else 0
    leans = [math.remainder(line.degrees - quarters * 90, 360) for line in lines]
    sideways = quarters % 2 == 1
    return ReceiptText(
        lines=tuple(
            TextLine(
                text=line.text,
                box=_box([_turned(corner, quarters, width, height) for corner in line.corners]),
                confidence=line.confidence,
            )
            for line in lines
        ),
        width=height if sideways else width,
        height=width if sideways else height,
        rotation=quarters * 90,
        skew_degrees=round(median(leans), 2) if leans else 0.0,
        engine="textract",
    )


def _turned(point: Point, quarters: int, width: int, height: int) -> Point:
    """Return where a point is after quarter turns of the page counter-clockwise."""
    x, y = point
    return ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[quarters]


def _box(corners: list[Point]) -> tuple[int, int, int, int]:
    across, down = zip(*corners, strict=True)
    return round(min(across)), round(min(down)), round(max(across)), round(max(down))
