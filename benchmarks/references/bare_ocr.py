"""The OCR of the receipt pipeline with nothing around it: ``... bare_ocr RECEIPTS FILE...``.

Reads the files over and over in one process, as many at a time as the OCR worker does, and prints
the seconds of each lap that it is asked for by a line on standard input.
"""

import itertools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.read_receipts import embedded
from bootstrap import text_reader
from config import Settings
from lifecycle import OCR_NICENESS


def main() -> None:
    """Read until standard input ends."""
    count, photos = int(sys.argv[1]), [Path(name).read_bytes() for name in sys.argv[2:]]
    os.nice(OCR_NICENESS)
    settings = embedded(Settings())
    reader = text_reader(settings)
    for photo in photos:  # the first of each shape also builds what the engine keeps
        reader.read(photo)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    with ThreadPoolExecutor(settings.ocr_concurrency) as pool:
        for _ in sys.stdin:
            began = time.perf_counter()
            for _text in pool.map(reader.read, itertools.islice(itertools.cycle(photos), count)):
                pass
            sys.stdout.write(f"{time.perf_counter() - began}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
