"""The receipt pipeline's OCR without the pipeline: ``... bare_ocr RECEIPTS FILE...``.

For each line on standard input it reads RECEIPTS receipts, repeating the files, in one process and
as many at a time as the OCR worker, and prints the seconds that took.
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


def main() -> None:
    """Read a lap of receipts per input line, until standard input ends."""
    count, photos = int(sys.argv[1]), [Path(name).read_bytes() for name in sys.argv[2:]]
    settings = embedded(Settings())
    os.nice(settings.ocr_niceness)
    reader = text_reader(settings)
    for photo in photos:  # warm-up: each new shape builds a plan of the engine
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
