"""The process that opens one PDF file for ``providers.files.confined_pdf``, and then ends.

It limits its own memory and CPU time before it reads a byte. It reads the file from stdin, and
answers on stdout with a line of JSON, followed by the pixels if pictures are asked for.
"""

import json
import resource
import sys
from typing import Any

from providers.errors import ImageTooLarge, NotAnImage
from providers.files.images import DecodedImage
from providers.files.pdf_pages import PdfLimits, TextLayer, check_pdf, page_pictures, text_layers


def main(what: str, *numbers: str) -> None:
    """Answer one question about the file on stdin; ``what`` is check, text or pictures.

    ``numbers`` are the most pages, the most pixels of a picture, the one page to look at (from
    0; negative for all), the longest side in pixels, and the limits of memory in bytes and of
    CPU time in seconds.
    """
    max_pages, max_pixels, page, longest_side, memory_bytes, cpu_seconds = map(int, numbers)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limits = PdfLimits(max_pages, max_pixels)
    only = None if page < 0 else page
    data = sys.stdin.buffer.read()
    pictures: list[DecodedImage] = []
    answer: dict[str, Any]
    try:
        if what == "check":
            answer = {"pages": [{}] * check_pdf(data, limits)}
        elif what == "text":
            answer = {"pages": [_text(layer) for layer in text_layers(data, limits, only)]}
        else:
            pictures = page_pictures(data, limits, longest_side, only)
            answer = {"pages": [_size(picture) for picture in pictures]}
    except (NotAnImage, ImageTooLarge) as refused:
        answer = _refusal(refused)
    except MemoryError:
        answer = _refusal(ImageTooLarge("the PDF file needs too much memory"))
    except Exception:  # a damaged file can raise any exception
        answer = _refusal(NotAnImage("the PDF file is damaged and cannot be read"))
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    for picture in pictures:
        out.write(picture.pixels.tobytes())


def _refusal(error: NotAnImage | ImageTooLarge) -> dict[str, Any]:
    return {"error": type(error).__name__, "message": str(error)}


def _text(page: TextLayer | None) -> dict[str, Any] | None:
    if page is None:
        return None
    lines = [line._asdict() for line in page.lines]
    return {"lines": lines, "width": page.width, "height": page.height}


def _size(picture: DecodedImage) -> dict[str, int]:
    rows, columns, _ = picture.pixels.shape
    return {"rows": rows, "columns": columns, "width": picture.width, "height": picture.height}


if __name__ == "__main__":
    main(*sys.argv[1:])
