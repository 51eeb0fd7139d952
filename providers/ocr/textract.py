"""OCR by AWS Textract: lines of text with their boxes, turned so that the page stands upright.

The picture is sent as an upright JPEG of a bounded size, so that formats Textract does not know
(WebP), EXIF turns and the limit of 10 MB a request are settled here and not by its refusal.
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
from models import ReceiptText, TextLine
from providers.errors import ImageTooLarge, NotAnImage, UnexpectedAnswer
from providers.files.images import check_image, decode_image
from providers.transport.aws import ONE_ATTEMPT, aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_textract import TextractClient
    from mypy_boto3_textract.type_defs import BlockTypeDef

_MAX_LINES = 600
_MAX_LINE_CHARACTERS = 200
"""Together at most 0.2 MiB of a history, far below Temporal's limit of 2 MiB a payload."""

_LONGEST_SIDE = 3500
"""Pixels to which a page is shrunk; even noise then stays below 10 MB as JPEG."""
_JPEG_QUALITY = 90

Point = tuple[float, float]


class _Line(NamedTuple):
    """A line as it lies on the page that was sent; corners in pixels, from the text's top left."""

    text: str
    confidence: float
    corners: tuple[Point, ...]

    @property
    def degrees(self) -> float:
        """Where the text runs: 0 to the right, 90 downwards."""
        (left, top), (right, bottom) = self.corners[:2]
        return math.degrees(math.atan2(bottom - top, right - left))


class TextractReader:
    """A ``TextReader`` on AWS, with boto3's own chain of credentials."""

    def __init__(self, settings: Settings) -> None:
        with aws_errors("Textract: set up"):
            self._client: TextractClient = boto3.Session().client(
                "textract", region_name=settings.aws_region, config=ONE_ATTEMPT
            )
        self._max_bytes = settings.receipt_max_bytes
        self._max_pixels = settings.receipt_max_pixels

    def read(self, image: bytes) -> ReceiptText:
        """Read all text of the page; see ``TextReader.read``."""
        check_image(image, self._max_bytes, self._max_pixels)
        page = decode_image(image, self._max_pixels, _LONGEST_SIDE)
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
            return [_line(block, width, height) for block in lines[:_MAX_LINES]]
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
        raise ValueError(f"a polygon of four corners, it has {len(polygon)}")
    return _Line(
        text=block["Text"].strip()[:_MAX_LINE_CHARACTERS],
        confidence=round(block["Confidence"] / 100, 3),
        corners=tuple((point["X"] * width, point["Y"] * height) for point in polygon),
    )


def _upright(lines: list[_Line], width: int, height: int) -> ReceiptText:
    """Turn all lines by the quarters that most of the text asks for."""
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
    """Where a point is once the page has been turned counter-clockwise by quarters."""
    x, y = point
    return ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[quarters]


def _box(corners: list[Point]) -> tuple[int, int, int, int]:
    across, down = zip(*corners, strict=True)
    return round(min(across)), round(min(down)), round(max(across)), round(max(down))
