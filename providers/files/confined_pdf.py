"""PDF files, opened in a process of their own that may use little memory and little time.

A PDF is a program: two kilobytes of it can draw for hours or unfold to gigabytes, and damage
can crash the library that reads it. None of that may happen to a worker, or to ``starter.py``.
numpy is imported only when it is needed, so that ``starter.py`` stays quick.
"""

import json
import signal
import subprocess
import sys
import threading
from typing import Any

from config import ROOT
from models import TextLine
from providers.errors import ImageTooLarge, NotAnImage, ProviderUnavailable
from providers.files.images import DecodedImage
from providers.files.pdf_pages import PageText, PdfLimits

MEMORY_BYTES = 1 << 30
"""Address space of the process: several times what ten scanned pages need."""
CPU_SECONDS = 20
"""Processor time of the process: ten scanned pages need two seconds."""
_ALL_PAGES = -1
"""Instead of the number of one page."""
_BUSY_SECONDS = 200
"""The time that those take on a machine that is busy with other things."""
_CRASHES = (
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
)
"""How a process ends that went wrong by itself, as pdfium does when it gets no memory."""

_one_at_a_time = threading.Lock()
"""However many files are submitted at once, their processes must not add up."""


def check_pdf(data: bytes, limits: PdfLimits) -> int:
    """Open the file and look at every page, without decoding a pixel; return how many there are.

    Raises NotAnImage for a PDF that is damaged, cut off, empty or encrypted, ImageTooLarge for
    one that holds more than the limits allow or takes too long to open, and ProviderUnavailable
    if this machine is too busy to tell.
    """
    pages, _ = _ask(data, limits, "check")
    return len(pages)


def text_layers(data: bytes, limits: PdfLimits, only: int | None = None) -> list[PageText | None]:
    """Return each page's text layer, or None for a page that must be read from its picture.

    ``only`` is the number of the one page to look at, from 0. Raises as ``check_pdf``.
    """
    pages, _ = _ask(data, limits, "text", only)
    return [None if page is None else _page_text(page) for page in pages]


def page_pictures(
    data: bytes, limits: PdfLimits, longest_side: int, only: int | None = None
) -> list[DecodedImage]:
    """Return each page's picture, no side longer than ``longest_side`` pixels.

    Its width and height before shrinking are those of the text layer. ``only`` is the number of
    the one page to look at, from 0. Raises as ``check_pdf``.
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


def _page_text(page: dict[str, Any]) -> PageText:
    lines = tuple(TextLine.model_validate(line) for line in page["lines"])
    return PageText(lines, page["width"], page["height"])


def _ask(
    data: bytes, limits: PdfLimits, what: str, only: int | None = None, longest_side: int = 0
) -> tuple[list[Any], memoryview]:
    """Have ``pdf_process`` look at the file; return its pages, and pixels if asked."""
    page = _ALL_PAGES if only is None else only
    numbers = (*limits, page, longest_side, MEMORY_BYTES, CPU_SECONDS)
    command = (sys.executable, "-m", "providers.files.pdf_process", what, *map(str, numbers))
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 - our own module and whole numbers
                command,
                input=data,
                cwd=ROOT,
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
    if -done.returncode in _CRASHES:
        raise NotAnImage(
            "the PDF file cannot be read: it is damaged, or unfolds to more than "
            f"{MEMORY_BYTES >> 20} MiB"
        )
    end = done.stdout.find(b"\n")
    if done.returncode or end < 0:  # somebody stopped it, which says nothing about the file
        raise ProviderUnavailable(f"opening the PDF file ended with exit code {done.returncode}")
    answer = json.loads(done.stdout[:end])
    if refusal := answer.get("error"):
        kind = {kind.__name__: kind for kind in (NotAnImage, ImageTooLarge)}[refusal]
        raise kind(answer["message"])
    return answer["pages"], memoryview(done.stdout)[end + 1 :]
