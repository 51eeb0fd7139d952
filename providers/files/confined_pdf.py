"""Open PDF files in a separate process whose memory and time are limited.

A PDF is a program: two kilobytes can draw for hours or unpack to gigabytes, and a damaged file
can crash the library that reads it. None of that may happen to a worker or to ``starter.py``.
numpy is imported only when it is needed, so that ``starter.py`` starts fast.
"""

import json
import signal
import subprocess
import sys
import threading
from typing import Any, NamedTuple

from config import ROOT
from models import TextLine
from providers.confinement import CRASHES, bare_environment
from providers.errors import ImageTooLarge, NotAnImage, ProviderUnavailable
from providers.files.images import DecodedImage
from providers.files.pdf_pages import PdfLimits

MEMORY_BYTES = 1 << 30
"""Limit of the process's address space: several times what ten scanned pages need."""
CPU_SECONDS = 20
"""Limit of the process's CPU time: ten scanned pages need two seconds."""
_ALL_PAGES = -1
"""Passed instead of the number of one page."""
_BUSY_SECONDS = 200
"""Limit of the elapsed time, which is longer than the CPU time on a busy machine."""

_one_at_a_time = threading.Lock()
"""However many files are submitted at once, only one such process runs at a time."""


class PageText(NamedTuple):
    """The text layer of a page; ``width`` and ``height`` of its picture are in pixels."""

    lines: tuple[TextLine, ...]
    width: int
    height: int


def check_pdf(data: bytes, limits: PdfLimits) -> int:
    """Open the file, look at every page without decoding a pixel, and return how many there are.

    Raises NotAnImage for a PDF that is damaged, truncated, empty or encrypted, ImageTooLarge for
    one that exceeds the limits or takes too long to open, and ProviderUnavailable if this
    machine is too busy to tell.
    """
    pages, _ = _ask(data, limits, "check")
    return len(pages)


def text_layers(data: bytes, limits: PdfLimits, only: int | None = None) -> list[PageText | None]:
    """Return the text layer of each page, or None for a page that needs OCR.

    ``only`` is the number of a single page to read, from 0. Raises the errors of ``check_pdf``.
    """
    pages, _ = _ask(data, limits, "text", only)
    return [
        None if page is None else _page_text(number, page)
        for number, page in enumerate(pages, only or 0)
    ]


def page_pictures(
    data: bytes, limits: PdfLimits, longest_side: int, only: int | None = None
) -> list[DecodedImage]:
    """Return a picture of each page, no side longer than ``longest_side`` pixels.

    ``width`` and ``height`` are the size before shrinking, which is the text layer's size.
    ``only`` is the number of a single page to draw, from 0. Raises the errors of ``check_pdf``.
    """
    import numpy as np

    pages, pixels = _ask(data, limits, "pictures", only, longest_side)
    pictures, start = [], 0
    for page in pages:
        end = start + page["rows"] * page["columns"] * 3
        flat = np.frombuffer(pixels[start:end], np.uint8)
        shaped = flat.reshape(page["rows"], page["columns"], 3)
        pictures.append(DecodedImage(shaped, page["width"], page["height"]))
        start = end
    return pictures


def _page_text(number: int, page: dict[str, Any]) -> PageText:
    whole: dict[str, Any] = {"confidence": 1.0, "page": number}
    lines = tuple(TextLine.model_validate(line | whole) for line in page["lines"])
    return PageText(lines, page["width"], page["height"])


def _ask(
    data: bytes, limits: PdfLimits, what: str, only: int | None = None, longest_side: int = 0
) -> tuple[list[Any], memoryview]:
    """Let ``pdf_process`` open the file; return its pages, and the pixels if asked for."""
    page = _ALL_PAGES if only is None else only
    numbers = (*limits, page, longest_side, MEMORY_BYTES, CPU_SECONDS)
    command = (sys.executable, "-m", "providers.files.pdf_process", what, *map(str, numbers))
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 - our own module and whole numbers
                command,
                input=data,
                cwd=ROOT,
                env=bare_environment(),
                capture_output=True,
                timeout=_BUSY_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise ProviderUnavailable(
                f"the PDF file could not be opened within {_BUSY_SECONDS} s"
            ) from late
    if -done.returncode == signal.SIGXCPU:
        raise ImageTooLarge(f"the PDF file takes more than {CPU_SECONDS} s to draw")
    if -done.returncode in CRASHES:
        raise NotAnImage(
            "the PDF file cannot be read: it is damaged, or unpacks to more than "
            f"{MEMORY_BYTES >> 20} MiB"
        )
    end = done.stdout.find(b"\n")
    if done.returncode or end < 0:  # it was killed, which says nothing about the file
        raise ProviderUnavailable(f"opening the PDF file ended with exit code {done.returncode}")
    answer = json.loads(done.stdout[:end])
    if refusal := answer.get("error"):
        kind = {kind.__name__: kind for kind in (NotAnImage, ImageTooLarge)}[refusal]
        raise kind(answer["message"])
    return answer["pages"], memoryview(done.stdout)[end + 1 :]
