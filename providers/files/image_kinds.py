"""Kinds of image files: what they begin with, whether they are whole, how many pages they have."""

from __future__ import annotations

import string
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from providers.errors import NotAnImage
from providers.files.picture_parts import START_OF_SCAN, jpeg_parts

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.TiffImagePlugin import ImageFileDirectory_v2


class FileKind(NamedTuple):
    """A format of receipt files: its name, file extension and media type."""

    name: str
    extension: str
    content_type: str


JPEG = FileKind("JPEG", "jpg", "image/jpeg")
PNG = FileKind("PNG", "png", "image/png")
WEBP = FileKind("WebP", "webp", "image/webp")
TIFF = FileKind("TIFF", "tif", "image/tiff")
HEIC = FileKind("HEIC", "heic", "image/heic")
AVIF = FileKind("AVIF", "avif", "image/avif")
GIF = FileKind("GIF", "gif", "image/gif")
JPEG2000 = FileKind("JPEG 2000", "jp2", "image/jp2")

ACCEPTED = "JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, JPEG 2000 or PDF"
"""The accepted formats, for messages; ``providers.files.documents`` handles PDF."""

TIFF_STARTS = (b"II*\x00", b"MM\x00*")
_JPEG2000_STREAM = b"\xff\x4f\xff\x51"
_STARTS: tuple[tuple[bytes | tuple[bytes, ...], FileKind], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (TIFF_STARTS, TIFF),
    ((b"GIF87a", b"GIF89a"), GIF),
    ((b"\x00\x00\x00\x0cjP  \r\n\x87\n", _JPEG2000_STREAM), JPEG2000),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
}
"""ISO/IEC 23008-12, annex B. Files of brand mif1 may use any coding, so the decoder decides."""
PILLOW_FORMATS = {HEIC: "HEIF", JPEG2000: "JPEG2000"}
"""Pillow's names of formats that are not just our name in capitals."""
_TIFF_OFFSETS_AND_SIZES = ((273, 279), (324, 325))
"""TIFF 6.0 tags: offsets and byte counts, of strips and of tiles."""


def kind_of(data: bytes) -> FileKind:
    """Return the format that the first bytes name; raises NotAnImage for any other."""
    for starts, kind in _STARTS:
        if data.startswith(starts):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp" and data[8:12] in _BRANDS:
        return _BRANDS[data[8:12]]
    begins = "".join(chr(byte) if chr(byte) in string.printable[:95] else "." for byte in data[:8])
    raise NotAnImage(f"the file starts with '{begins}'; a receipt is a {ACCEPTED} file")


def is_complete(data: bytes, kind: FileKind, image: Image) -> bool:
    """Return whether the file ends as its format requires."""
    if kind in _ENDS:
        return _ENDS[kind](data)
    directory: ImageFileDirectory_v2 = vars(image)["tag_v2"]
    return all(
        offset + size <= len(data)
        for offsets, sizes in _TIFF_OFFSETS_AND_SIZES
        for offset, size in zip(directory.get(offsets, ()), directory.get(sizes, ()), strict=False)
    )


def _has_end_of_image(data: bytes) -> bool:
    """Return whether an end-of-image marker follows a JPEG's first scan (ITU-T T.81, annex B).

    Segments before the scan are skipped, because a thumbnail in one of them has a marker of its
    own. The marker need not be at the end of the file, because phones append data to it.
    """
    for part in jpeg_parts(data):
        if part.marker == START_OF_SCAN:
            # Searched from the end, where it nearly always is.
            return data.rfind(b"\xff\xd9", part.start) != -1
    return False


def _boxes_are_whole(data: bytes) -> bool:
    """Return whether the boxes of an ISO base media file fill it (ISO/IEC 14496-12, 4.2)."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:  # the size is in the eight bytes after the name
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:  # to the end of the file
            return True
        if size < 8:
            return False
        position += size
    return position == len(data)


def _stream_or_boxes_are_whole(data: bytes) -> bool:
    if data.startswith(_JPEG2000_STREAM):
        return data.rfind(b"\xff\xd9") != -1
    return _boxes_are_whole(data)


_ENDS: dict[FileKind, Callable[[bytes], bool]] = {
    JPEG: _has_end_of_image,
    PNG: lambda data: data.rfind(b"IEND") != -1,
    WEBP: lambda data: len(data) >= 8 + int.from_bytes(data[4:8], "little"),
    GIF: lambda data: data.rstrip(b"\0").endswith(b";"),
    HEIC: _boxes_are_whole,
    AVIF: _boxes_are_whole,
    JPEG2000: _stream_or_boxes_are_whole,
}
"""Whether a file of a kind ends as its format requires."""


def tiff_pages(data: bytes, most: int) -> int:
    """Return how many pages a TIFF has, at most one more than ``most``.

    Pillow's own count reads every directory, which takes half a minute for a file made of them.
    """
    order = "<" if data[:2] == b"II" else ">"
    seen: set[int] = set()
    position = int.from_bytes(data[4:8], "little" if order == "<" else "big")
    while position and position not in seen and len(seen) <= most:
        seen.add(position)
        if position + 2 > len(data):
            break
        (entries,) = struct.unpack_from(f"{order}H", data, position)
        following = position + 2 + 12 * entries
        if following + 4 > len(data):
            break
        (position,) = struct.unpack_from(f"{order}I", data, following)
    return max(len(seen), 1)
