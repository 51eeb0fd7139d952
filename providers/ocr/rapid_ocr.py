"""Embedded OCR: RapidOCR, whose models are in its wheel, on a page turned in any direction.

Prevents four failures:

- a download when the first receipt arrives;
- garbage from a page that is turned by a quarter or a half;
- a text that is too long for a workflow history;
- a worker whose memory grows with every receipt: OpenVINO keeps a plan for each picture shape
  it has seen, so pictures are padded to a few shapes.
"""

import math
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from config import Settings
from models import MAX_LINE_CHARACTERS, MAX_TEXT_LINES, ReceiptText, TextLine
from providers.files.confined_pictures import decode_picture
from providers.files.documents import picture_limits

if TYPE_CHECKING:
    from rapidocr import RapidOCR

_LONGEST_SIDE = 3000
"""A page is shrunk to this many pixels: larger ones are read no better and take longer."""
_DETECTION_SIDE = 960
"""The longest side, in pixels, of the picture on which text is detected."""
_CLOSER_BELOW = 0.85
"""If the text takes up less than this share of the page's longest side, detection runs again on
that part alone: on a small receipt in a large scan it misses one line in twenty-five."""
_MARGIN = 0.02
"""Margin around the text, as a share of the page's longest side."""
_PAGE_STEP = 128
"""A page's shorter side is padded to a multiple of this many pixels, at detection size."""
_LINE_HEIGHT = 48
_LINE_WIDTHS = (96, 160, 240, 320, 400, 480, 560, 640, 800, 960, 1280, 1600, 2240, 3200)
"""A line, scaled to the recognition height, is padded to one of these widths in pixels.

A longer line stays as it is. The engine itself pads to at least 320 pixels, which takes a third
longer and reads short amounts worse.
"""
_THREADS = 1
"""Threads of one inference. Two need twice the processor's time and are no faster: the lines of a
receipt are too small to be shared. More at a time are read by more OCR processes."""
_GREY = 127
_MIN_CONFIDENCE = 0.5
_VOTERS = 12
"""How many lines the orientation classifier votes on."""
_WITNESSES = 5
"""How many lines are read in both directions if the vote is not clearly for upright."""
_FEW = 0.25
"""The vote is clearly for upright if at most this share of the lines is upside down."""

Quad = np.ndarray
"""Corners of a line, clockwise from the upper left on the page as it lies: 4 x 2 floats."""
Area = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class _Detected(NamedTuple):
    """The lines of a page: their corners, and a picture of each."""

    quads: Sequence[Quad]
    crops: Sequence[np.ndarray]


class RapidOcrReader:
    """A ``TextReader`` without any account: one engine, one page at a time.

    Blocking. Inference releases the GIL, so other threads keep running. The first picture takes
    two seconds longer, because the engine is loaded for it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()

    @cached_property
    def _engine(self) -> "RapidOCR":
        # Here and not at the start: where only text PDFs and orders come in, nothing is loaded.
        from rapidocr import EngineType, RapidOCR

        return RapidOCR(
            params={
                "Global.log_level": "error",
                "EngineConfig.openvino.inference_num_threads": _THREADS,
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
        """Return the text of the page; see ``TextReader.read``."""
        page = decode_picture(image, picture_limits(self._settings), _LONGEST_SIDE)
        # The engine was trained on pictures with OpenCV's channel order (BGR).
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
        from rapidocr.main import RapidOCRError

        try:
            crops, found = self._engine.detect_and_crop(_padded_page(pixels), {})
        except RapidOCRError:  # raised if there is no text
            return _Detected((), ())
        quads = () if found.boxes is None else tuple(found.boxes)
        return _Detected(quads, crops)

    def _detect_within(self, pixels: np.ndarray, area: Area) -> _Detected:
        left, top, right, bottom = area
        found = self._detect(np.ascontiguousarray(pixels[top:bottom, left:right]))
        shift = np.array([left, top], dtype=np.float32)
        return _Detected([quad + shift for quad in found.quads], found.crops)

    def _quarter_turns(self, detected: _Detected) -> int:
        """Return how many quarter turns counter-clockwise make the page upright.

        Upright or sideways lines tell whether a quarter turn is needed; the classifier tells
        whether a half turn is. The engine has already turned pictures of sideways lines
        counter-clockwise, so that all of them are horizontal.
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
        """Return whether the lines are upside down.

        A fast classifier votes first. It makes mistakes on worn print, so unless nearly all
        lines are upright by its vote, some lines are read in both directions and the reading
        with the higher confidence decides.
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
    """Return the area of the text with a margin, or the whole page if the text nearly fills it."""
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
    """Return the area after the page is turned counter-clockwise by quarter turns."""
    left, top, right, bottom = area
    height, width = pixels.shape[:2]
    for _ in range(quarters):
        left, top, right, bottom = top, width - right, bottom, width - left
        width, height = height, width
    return left, top, right, bottom


def _padded_page(pixels: np.ndarray) -> np.ndarray:
    """Pad the page to one of a few shapes, by repeating its right and bottom edge."""
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
    """Pad the line on the right with grey, which the engine reads as no text."""
    height, width = crop.shape[:2]
    scale = _LINE_HEIGHT / height
    target = next((w for w in _LINE_WIDTHS if width * scale <= w), None)
    if target is None:
        return crop
    right = max(round(target / scale) - width, 0)
    return np.pad(crop, ((0, 0), (0, right), (0, 0)), constant_values=_GREY)


def _size(quad: Quad) -> tuple[float, float]:
    """Return the width and height of a line, measured along its own edges."""
    return math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])


def _bounds(quad: Quad, scale: float) -> tuple[int, int, int, int]:
    left, top = quad.min(axis=0) * scale
    right, bottom = quad.max(axis=0) * scale
    return round(left), round(top), round(right), round(bottom)


def _skew_degrees(quads: Sequence[Quad]) -> float:
    """Return by how many degrees the lines fall to the right: the median of the long lines."""
    angles = [
        math.degrees(math.atan2(quad[1][1] - quad[0][1], quad[1][0] - quad[0][0]))
        for quad in quads
        if _size(quad)[0] > 4 * _size(quad)[1]
    ]
    return round(float(np.median(angles)), 2) if angles else 0.0


def _capped(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """Keep the lines with the highest confidence, in reading order, if there are too many."""
    if len(lines) <= MAX_TEXT_LINES:
        return tuple(lines)
    least = sorted((line.confidence for line in lines), reverse=True)[MAX_TEXT_LINES - 1]
    return tuple(line for line in lines if line.confidence >= least)[:MAX_TEXT_LINES]
