"""Count the parts of a picture file before any decoder opens it.

Prevents a small file that takes minutes to open: decoders copy what they have so far for each
segment, compare each item with all others, and step through fillers byte by byte. Here only lengths
are read, and counting stops at the limit, so that it takes milliseconds whatever the file is.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from providers.errors import ImageTooLarge, NotAnImage

MOST_PARTS = 10_000
"""Parts of one file. Phones write some dozens; a PNG of 20 MB in pieces of 8 KB has 2,500."""
MOST_PROFILES = 10
"""Colour profiles of a PNG, which should have one: each may be packed, and is unpacked."""
MOST_JPEG_SEGMENTS = 1_000
"""The largest ones in use carry a colour profile or a depth map in a few hundred segments."""
MOST_JPEG_SCANS = 100
"""A progressive JPEG has about ten, and each is a pass over all pixels."""
MOST_ITEMS = 4_000
"""Boxes of a HEIC or AVIF file, and what they list: 48 megapixels are about 200 tiles, and each
is listed three times."""
MOST_DEPTH = 8
"""How deep boxes in boxes are followed; those that decoders follow are three deep."""
MOST_TILES = 10_000
"""Tiles of a JPEG 2000 file: 50 megapixels in tiles of 128 pixels are 3,000."""
MOST_ENTRIES = 1_000
"""Entries of a TIFF's directory: scanners and cameras write some dozens."""
MOST_STRIPS = 70_000
"""Strips or tiles of a TIFF's page, which are rarely more than its rows."""

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_MARKER_IN_SCAN = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""In a scan, a zero behind 0xFF is a pixel's, and so are restarts (ITU-T T.81, B.1.1.5)."""
START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_TIFF_STRIPS = (273, 279, 324, 325)
_BOXES_OF_BOXES = frozenset({b"meta", b"iprp", b"ipco", b"iref", b"iinf", b"jp2h", b"grpl"})
_BOXES_WITH_VERSION = frozenset({b"meta", b"iref", b"iinf"})


class JpegPart(NamedTuple):
    """A segment of a JPEG: its marker, and where the bytes behind the marker begin."""

    marker: int
    start: int
    fillers: int


def check_parts(data: bytes, kind: str) -> None:
    """Raise ImageTooLarge for a file of more parts than a photo or a scan has.

    ``kind`` is the format's name. Files whose parts cannot be followed are left to the decoder,
    but NotAnImage is raised where the decoder would look for them byte by byte.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(data)


def jpeg_parts(data: bytes) -> Iterator[JpegPart]:
    """Yield the segments of a JPEG up to its end, or as far as they can be followed."""
    position, search = 2, _MARKER.match
    while found := search(data, position):
        marker, start = found[1][0], found.end()
        yield JpegPart(marker, start, start - found.start() - 2)
        if marker == _END_OF_IMAGE:
            return
        position = start
        if not 0xD0 <= marker <= 0xD8:  # which stand alone
            position += int.from_bytes(data[start : start + 2], "big")
        search = _MARKER_IN_SCAN.search if marker == START_OF_SCAN else search


def _check_jpeg(data: bytes) -> None:
    segments = scans = 0
    for part in jpeg_parts(data):
        segments += 1 + part.fillers
        scans += part.marker == START_OF_SCAN
        _at_most("JPEG", segments, MOST_JPEG_SEGMENTS, "segments")
        _at_most("JPEG", scans, MOST_JPEG_SCANS, "scans")
    if not scans:
        # The decoder would look for one byte by byte.
        raise NotAnImage("the header of the JPEG file cannot be read")


def _check_png(data: bytes) -> None:
    profiles = 0
    for number, start in enumerate(_chunks(data, 8, ">I", name_first=False, around=12), 1):
        _at_most("PNG", number, MOST_PARTS, "chunks")
        profiles += data[start + 4 : start + 8] == b"iCCP"
        _at_most("PNG", profiles, MOST_PROFILES, "colour profiles")


def _check_webp(data: bytes) -> None:
    _count("WebP", "chunks", _chunks(data, 12, "<I", name_first=True, around=8))


def _chunks(
    data: bytes, position: int, length: str, *, name_first: bool, around: int
) -> Iterator[int]:
    """Yield where each chunk begins; ``around`` are the bytes of it that its length leaves out."""
    while position + 8 <= len(data):
        yield position
        (size,) = struct.unpack_from(length, data, position + 4 * name_first)
        position += around + size + (size % 2 if name_first else 0)


def _check_gif(data: bytes) -> None:
    """Count the blocks before the first picture's pixels; what is behind is not read."""
    if len(data) < 13:
        return
    position = 13 + _colours(data[10])
    _count("GIF", "blocks", _gif_blocks(data, position))


def _gif_blocks(data: bytes, position: int) -> Iterator[int]:
    """Yield where each block before the first picture begins, and each byte between them."""
    while position + 2 <= len(data) and data[position] not in b",;":
        yield position
        if data[position] != ord("!"):
            position += 1
            continue
        position += 2
        while position < len(data) and data[position]:
            yield position
            position += 1 + data[position]
        position += 1


def _colours(flags: int) -> int:
    """Return how many bytes a GIF's table of colours takes."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def check_directory(data: bytes, position: int, order: str) -> int:
    """Check the TIFF directory there and return where the next one is; 0 if there is none.

    Raise ImageTooLarge for more entries or strips than the limits.
    """
    if position + 2 > len(data):
        return 0
    (entries,) = struct.unpack_from(f"{order}H", data, position)
    _at_most("TIFF", entries, MOST_ENTRIES, "entries in a directory")
    end = position + 2 + 12 * entries
    if end + 4 > len(data):
        return 0
    for tag, _, values, _ in struct.iter_unpack(f"{order}HHII", data[position + 2 : end]):
        if tag in _TIFF_STRIPS:
            _at_most("TIFF", values, MOST_STRIPS, "strips on a page")
    (following,) = struct.unpack_from(f"{order}I", data, end)
    return int(following)


def _check_tiff(data: bytes) -> None:
    order = "<" if data[:2] == b"II" else ">"
    seen: set[int] = set()
    position = int.from_bytes(data[4:8], "little" if order == "<" else "big")
    # More pages than these are refused where pages are counted.
    while position and position not in seen and len(seen) <= MOST_ENTRIES:
        seen.add(position)
        position = check_directory(data, position, order)


def _check_boxes(kind: str, most: int) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        parts = 0
        for box in _boxes(data, 0, len(data)):
            parts += 1 + _listed(data, box)
            _at_most(kind, parts, most, "parts")

    return check


class _Box(NamedTuple):
    """A box: its name and the one that it is in, where its content begins, and its end."""

    name: bytes
    within: bytes
    start: int
    end: int


def _boxes(
    data: bytes, position: int, end: int, within: bytes = b"", depth: int = 0
) -> Iterator[_Box]:
    """Yield each box, also those inside others (ISO/IEC 14496-12, 4.2)."""
    while position + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, position)
        head = 8
        if size == 1:  # the size is in the eight bytes after the name
            size, head = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        following = position + size if size else end
        if following < position + head:
            return
        box = _Box(name, within, position + head, min(following, end))
        yield box
        if name in _BOXES_OF_BOXES and depth < MOST_DEPTH:
            inside = box.start + _before_boxes(data, box)
            yield from _boxes(data, inside, box.end, name, depth + 1)
        position = following


def _before_boxes(data: bytes, box: _Box) -> int:
    """Return how many bytes of a box of boxes are before the first of them."""
    if box.name not in _BOXES_WITH_VERSION:
        return 0
    if box.name != b"iinf":
        return 4
    return 8 if data[box.start : box.start + 1] > b"\0" else 6


def _listed(data: bytes, box: _Box) -> int:
    """Return how many items a box refers to (ISO/IEC 14496-12, 8.11.3 and 8.11.12)."""
    if box.within == b"iref":
        return (box.end - box.start) // 2
    version = data[box.start : box.start + 1]
    if box.name == b"ipma":
        return int.from_bytes(data[box.start + 4 : box.start + 8], "big")
    if box.name == b"iloc":
        width = 4 if version > b"\1" else 2
        return int.from_bytes(data[box.start + 6 : box.start + 6 + width], "big")
    return 0


def _check_jpeg2000(data: bytes) -> None:
    if data[:4] != b"\xff\x4f\xff\x51":
        _check_boxes("JPEG 2000", MOST_PARTS)(data)
    # The stream's size segment comes first, and names the tiles (ISO/IEC 15444-1, A.5.1).
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or start + 42 > len(data):
        return
    right, below, _, _, tile_width, tile_height = struct.unpack_from(">IIIIII", data, start + 8)
    if tile_width and tile_height:
        tiles = -(-right // tile_width) * -(-below // tile_height)
        _at_most("JPEG 2000", tiles, MOST_TILES, "tiles")


def _count(kind: str, parts: str, found: Iterator[int], most: int = MOST_PARTS) -> None:
    for number, _ in enumerate(found, 1):
        _at_most(kind, number, most, parts)


def _at_most(kind: str, count: int, most: int, parts: str) -> None:
    if count > most:
        raise ImageTooLarge(f"the {kind} file has more than the {most:,} {parts} allowed")


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "JPEG": _check_jpeg,
    "PNG": _check_png,
    "WebP": _check_webp,
    "GIF": _check_gif,
    "TIFF": _check_tiff,
    "HEIC": _check_boxes("HEIC", MOST_ITEMS),
    "AVIF": _check_boxes("AVIF", MOST_ITEMS),
    "JPEG 2000": _check_jpeg2000,
}
