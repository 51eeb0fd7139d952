"""Read a folder of receipts as the pipeline would, and print a line per receipt.

    python -m benchmarks.read_receipts FOLDER > predictions.jsonl

Checks claims about accuracy: uses the same reader and parser as the activities, with real OCR,
without Temporal. Each line on stdout is a JSON object: file, merchant, date (ISO 8601), total (in
units, not minor units), currency, accepted (it would be saved without a review), doubts, seconds.
A file that cannot be read has a line too. Progress goes to stderr.
"""

import argparse
import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from bootstrap import receipt_parser, text_reader
from config import Settings
from models import ReceiptFields, ReceiptText, amount_as_text
from providers.errors import ProviderError, TotalNotFound
from providers.files.image_kinds import ACCEPTED
from providers.ocr import TextReader
from providers.receipt_parser import ReceiptParser

_SUFFIXES = ".jpg .jpeg .png .webp .tif .tiff .heic .heif .avif .gif .jp2 .j2k .pdf"
SUFFIXES = frozenset(_SUFFIXES.split())


def main(arguments: list[str] | None = None) -> int:
    """Read every receipt of a folder; return the exit code, 2 if the folder has none."""
    command = argparse.ArgumentParser(prog="read_receipts", description=__doc__.split("\n")[0])
    command.add_argument("folder", type=Path, help="folder with receipt images")
    folder: Path = command.parse_args(arguments).folder
    files = sorted(f for f in folder.glob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        sys.stderr.write(f"{folder} has no {ACCEPTED} file\n")
        return 2
    settings = embedded(Settings())
    asyncio.run(_read_all(files, text_reader(settings), rules_parser(settings)))
    return 0


def embedded(settings: Settings) -> Settings:
    """Return the settings with the engine and the parser that are measured."""
    chosen = {"ocr_engine": "embedded", "receipt_parser": "rules", "receipt_second_parser": None}
    return settings.model_copy(update=chosen)


def rules_parser(settings: Settings) -> ReceiptParser:
    """Return the rules parser, which has no connections to close."""
    return receipt_parser(embedded(settings), AsyncExitStack())


async def _read_all(files: list[Path], reader: TextReader, parser: ReceiptParser) -> None:
    for number, file in enumerate(files, start=1):
        line = await read_one(file, reader, parser)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"{number}/{len(files)} {file.name} {line['seconds']} s\n")


async def read_one(file: Path, reader: TextReader, parser: ReceiptParser) -> dict[str, object]:
    """Read one file and return its line; an error becomes part of the line."""
    started = time.perf_counter()
    try:
        fields = await parser.parse(await asyncio.to_thread(_text_of, file, reader))
        line = _line(fields, accepted=not fields.doubts)
    except TotalNotFound as error:
        line = _line(error.partial, accepted=False) if error.partial else {"accepted": False}
    except (ProviderError, OSError) as error:
        line = {"accepted": False, "error": str(error)}
    return {"file": file.name, **line, "seconds": round(time.perf_counter() - started, 3)}


def _text_of(file: Path, reader: TextReader) -> ReceiptText:
    return reader.read(file.read_bytes())


def _line(fields: ReceiptFields, accepted: bool) -> dict[str, object]:
    total = fields.total_cents
    return {
        "merchant": fields.merchant,
        "date": fields.date.isoformat() if fields.date else None,
        "total": None if total is None else amount_as_text(total, fields.currency),
        "currency": fields.currency,
        "accepted": accepted,
        "unconfirmed": fields.unconfirmed,
        "doubts": list(fields.doubts),
    }


if __name__ == "__main__":
    sys.exit(main())
