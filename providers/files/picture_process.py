"""The process that opens pictures for ``providers.files.confined_pictures``, one after another.

It limits its own memory, and the kernel ends it when one picture takes more than its CPU time. A
question is a line of JSON on stdin, followed by the file; an answer is a line of JSON on stdout,
followed by the pixels if they are asked for.
"""

import json
import resource
import signal
import sys
import warnings
from typing import Any

from providers.errors import ImageTooLarge, NotAnImage
from providers.files.images import check_image, upright_image


def main(memory_bytes: str, cpu_seconds: str) -> None:
    """Answer until stdin ends; the limits are of memory, and of each picture's CPU time."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C at a terminal is for our parent, which ends this process when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a decoder finds odd is no news to anybody.
    warnings.simplefilter("ignore")
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        data = sys.stdin.buffer.read(asked.pop("bytes"))
        # What nobody handles ends a process: nothing that Python would have to get round to.
        signal.setitimer(signal.ITIMER_PROF, float(cpu_seconds))
        answer, pixels = _answer(data, **asked)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(json.dumps(answer | {"bytes": len(pixels)}).encode() + b"\n")
        sys.stdout.buffer.write(pixels)
        sys.stdout.buffer.flush()


def _answer(
    data: bytes, max_bytes: int, max_pixels: int, longest_side: int, page: int
) -> tuple[dict[str, Any], bytes]:
    """Check a picture, and decode it unless no side may be longer than 0 pixels."""
    try:
        check_image(data, max_bytes, max_pixels)
        if not longest_side:
            return {}, b""
        image, width, height = upright_image(data, max_pixels, longest_side, page)
        size = {"columns": image.width, "rows": image.height, "width": width, "height": height}
        return size, image.tobytes()
    except (NotAnImage, ImageTooLarge) as refused:
        kind, memory = type(refused).__name__, isinstance(refused.__cause__, MemoryError)
        return {"error": kind, "message": str(refused), "memory": memory}, b""
    except MemoryError:
        return {"error": "MemoryError", "message": "", "memory": True}, b""


if __name__ == "__main__":
    main(*sys.argv[1:])
