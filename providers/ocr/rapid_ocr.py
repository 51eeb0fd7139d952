"""Embedded OCR: RapidOCR, whose models are in its wheel, reads a page whichever way it lies.

Prevents four failures: a download when the first receipt arrives, a page turned by a
quarter or a half whose rows become garbage, a text so long that it exceeds what a workflow
history may carry, and a worker whose memory grows with every receipt: OpenVINO keeps a plan
for each shape of picture it has seen, so pictures are padded to a few shapes.
"""

import math
import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rapidocr import EngineType, RapidOCR
from rapidocr.main import RapidOCRError

from config import Settings
from models import ReceiptText, TextLine
from providers.files.images import check_image, decode_image

MAX_LINES = 600
MAX_LINE_CHARACTERS = 200
"""Together at most 0.2 MiB of a history, far below Temporal's limit of 2 MiB a payload."""

_LONGEST_SIDE = 3000
"""Pixels to which a page is shrunk: more than that reads no better and costs time."""
_DETECTION_SIDE = 960
"""Pixels of the longest side on which text is searched."""
_CLOSER_BELOW = 0.85
"""Share of the page's longest side below which its text is searched again from nearby: on a
small receipt in a large scan, detection misses one line in twenty-five."""
_MARGIN = 0.02
_PAGE_STEP = 128
"""Pixels, at the size of detection, to a multiple of which a page's shorter side is padded."""
_LINE_HEIGHT = 48
_LINE_WIDTHS = (96, 160, 240, 320, 400, 480, 560, 640, 800, 960, 1280, 1600, 2240, 3200)
"""Pixels to which a line is padded at the height of recognition; a longer one stays as it is.

The engine pads to 320 at least, which takes a third longer and reads short amounts worse.
"""
_GREY = 127
_MIN_CONFIDENCE = 0.5
_VOTERS = 12
"""Lines that the classifier is asked whether the page stands on its head."""
_WITNESSES = 5
"""Lines that are read both ways where the classifier does not say clearly: upright."""
_FEW = 0.25

Quad = np.ndarray
"""Four corners of a line, from its upper left, clockwise as the page lies: 4 x 2 floats."""
Area = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class _Detected(NamedTuple):
    """Where the lines of a page are, and the picture of each."""

    quads: Sequence[Quad]
    crops: Sequence[np.ndarray]


class RapidOcrReader:
    """A ``TextReader`` that needs no account: one engine, one page at a time.

    Blocking; the inference runs outside Python's lock, so other threads go on meanwhile.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Det.engine_type": EngineType.OPENVINO,
                "Cls.engine_type": EngineType.OPENVINO,
                "Rec.engine_type": EngineType.OPENVINO,
                "Det.limit_side_len": _DETECTION_SIDE,
                "Det.limit_type": "max",
                "Rec.rec_img_shape": [3, _LINE_HEIGHT, _LINE_WIDTHS[0]],
                # A batch of another size is another shape, and no faster.
                "Rec.rec_batch_num": 1,
                "Cls.cls_batch_num": 1,
            }
        )

    def read(self, image: bytes) -> ReceiptText:
        """Read all text of the page; see ``TextReader.read``."""
        settings = self._settings
        check_image(image, settings.receipt_max_bytes, settings.receipt_max_pixels)
        page = decode_image(image, settings.receipt_max_pixels, _LONGEST_SIDE)
        # The engine was trained on pictures whose channels are in OpenCV's order.
        pixels = np.ascontiguousarray(page.pixels[:, :, ::-1])
        scale = page.width / page.pixels.shape[1]
        with self._one_at_a_time:
            detected = self._detect(pixels)
            quarters = self._quarter_turns(detected)
            area = _text_area(detected.quads, pixels)
            if quarters or area != _whole(pixels):
                area = _turned(area, pixels, quarters)
                detected = self._detect_within(np.rot90(pixels, quarters), area)
            lines = self._recognize(detected, scale)
        sideways = quarters % 2 == 1
        return ReceiptText(
            lines=_capped(lines),
            width=page.height if sideways else page.width,
            height=page.width if sideways else page.height,
            rotation=quarters * 90,
            skew_degrees=_skew_degrees(detected.quads),
            engine="rapidocr",
        )

    def _detect(self, pixels: np.ndarray) -> _Detected:
        try:
            crops, found = self._engine.detect_and_crop(_padded_page(pixels), {})
        except RapidOCRError:  # how the engine says that there is no text
            return _Detected((), ())
        quads = () if found.boxes is None else tuple(found.boxes)
        return _Detected(quads, crops)

    def _detect_within(self, pixels: np.ndarray, area: Area) -> _Detected:
        left, top, right, bottom = area
        found = self._detect(np.ascontiguousarray(pixels[top:bottom, left:right]))
        shift = np.array([left, top], dtype=np.float32)
        return _Detected([quad + shift for quad in found.quads], found.crops)

    def _quarter_turns(self, detected: _Detected) -> int:
        """How often the page must be turned a quarter counter-clockwise to stand upright.

        The lines lie or stand, which tells a quarter from none; what is left is a half turn.
        The engine has already laid the standing ones down, turning them counter-clockwise.
        """
        sizes = [_size(quad) for quad in detected.quads]
        standing = [height > 1.5 * width for width, height in sizes]
        lengths = [max(size) for size in sizes]
        sideways = 2 * sum(n for n, up in zip(lengths, standing, strict=True) if up) > sum(lengths)
        longest = sorted(
            (i for i, up in enumerate(standing) if up == sideways),
            key=lambda i: lengths[i],
            reverse=True,
        )
        headlong = self._stand_on_their_heads([detected.crops[i] for i in longest[:_VOTERS]])
        return (1 if sideways else 0) + (2 if headlong else 0)

    def _stand_on_their_heads(self, lines: list[np.ndarray]) -> bool:
        """Whether the lines read better upside down.

        A quick classifier votes first. It errs on worn print, so unless nearly all lines are
        upright by its vote, some are read both ways and the surer reading decides.
        """
        if not lines:
            return False
        _, votes = self._engine.cls_and_rotate(lines)
        against = sum(label == "180" for label, _ in votes.cls_res or ())
        if against <= len(lines) * _FEW:
            return False
        witnesses = lines[:_WITNESSES]
        turned = [np.ascontiguousarray(np.rot90(line, 2)) for line in witnesses]
        return self._legibility(turned) > self._legibility(witnesses)

    def _legibility(self, lines: list[np.ndarray]) -> float:
        read = self._engine.recognize_txt([_padded_line(line) for line in lines])
        return sum(read.scores or ())

    def _recognize(self, detected: _Detected, scale: float) -> list[TextLine]:
        if not detected.crops:
            return []
        read = self._engine.recognize_txt([_padded_line(crop) for crop in detected.crops])
        return [
            TextLine(
                text=text.strip()[:MAX_LINE_CHARACTERS],
                box=_bounds(quad, scale),
                confidence=round(float(confidence), 3),
            )
            for quad, text, confidence in zip(
                detected.quads, read.txts or (), read.scores or (), strict=True
            )
            if text.strip() and confidence >= _MIN_CONFIDENCE
        ]


def _whole(pixels: np.ndarray) -> Area:
    height, width = pixels.shape[:2]
    return 0, 0, width, height


def _text_area(quads: Sequence[Quad], pixels: np.ndarray) -> Area:
    """Where the text is, with a margin; the whole page if looking closer would gain little."""
    if not quads:
        return _whole(pixels)
    height, width = pixels.shape[:2]
    corners = np.concatenate(quads)
    margin = _MARGIN * max(width, height)
    left, top = np.maximum(corners.min(axis=0) - margin, 0).astype(int).tolist()
    right, bottom = np.minimum(corners.max(axis=0) + margin, (width, height)).astype(int).tolist()
    if max(right - left, bottom - top) > _CLOSER_BELOW * max(width, height):
        return _whole(pixels)
    return left, top, right, bottom


def _turned(area: Area, pixels: np.ndarray, quarters: int) -> Area:
    """The area on the page turned counter-clockwise."""
    left, top, right, bottom = area
    height, width = pixels.shape[:2]
    for _ in range(quarters):
        left, top, right, bottom = top, width - right, bottom, width - left
        width, height = height, width
    return left, top, right, bottom


def _padded_page(pixels: np.ndarray) -> np.ndarray:
    """The page on a canvas of one of a few shapes, its edge repeated to the right and below."""
    height, width = pixels.shape[:2]
    longest = max(height, width, _DETECTION_SIDE)
    step = _PAGE_STEP * longest / _DETECTION_SIDE
    right = int(math.ceil(width / step) * step) - width
    below = int(math.ceil(height / step) * step) - height
    if width >= height:
        right = longest - width
    else:
        below = longest - height
    return np.pad(pixels, ((0, max(below, 0)), (0, max(right, 0)), (0, 0)), mode="edge")


def _padded_line(crop: np.ndarray) -> np.ndarray:
    """The line with grey to its right, which the engine reads as nothing."""
    height, width = crop.shape[:2]
    scale = _LINE_HEIGHT / height
    target = next((w for w in _LINE_WIDTHS if width * scale <= w), None)
    if target is None:
        return crop
    right = max(round(target / scale) - width, 0)
    return np.pad(crop, ((0, 0), (0, right), (0, 0)), constant_values=_GREY)


def _size(quad: Quad) -> tuple[float, float]:
    """Width and height of a line, along its own edges."""
    return math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])


def _bounds(quad: Quad, scale: float) -> tuple[int, int, int, int]:
    left, top = quad.min(axis=0) * scale
    right, bottom = quad.max(axis=0) * scale
    return round(left), round(top), round(right), round(bottom)


def _skew_degrees(quads: Sequence[Quad]) -> float:
    """By how much the lines fall to the right: the median over lines long enough to tell."""
    angles = [
        math.degrees(math.atan2(quad[1][1] - quad[0][1], quad[1][0] - quad[0][0]))
        for quad in quads
        if _size(quad)[0] > 4 * _size(quad)[1]
    ]
    return round(float(np.median(angles)), 2) if angles else 0.0


def _capped(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """The surest lines, in reading order, if there are more than a history should carry."""
    if len(lines) <= MAX_LINES:
        return tuple(lines)
    least = sorted((line.confidence for line in lines), reverse=True)[MAX_LINES - 1]
    return tuple(line for line in lines if line.confidence >= least)[:MAX_LINES]
