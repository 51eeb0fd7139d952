"""Images: the format and the pixels of a receipt file, of which nothing is trusted.

Prevents two failures: storing a file that is not a picture and starting a run that can only
fail, and a few kilobytes that unpack to gigabytes of pixels (a decompression bomb) and crash
the worker. Pillow and numpy are imported only when they are needed, so that ``starter.py``
starts fast.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from providers.errors import ImageTooLarge, NotAnImage, ProviderError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from PIL.TiffImagePlugin import ImageFileDirectory_v2


class FileKind(NamedTuple):
    """A format of receipt files: its name, file extension and media type."""

    name: str
    extension: str
    content_type: str


class DecodedImage(NamedTuple):
    """A decoded page: pixels as height x width x RGB (8 bits), turned as EXIF says.

    ``width`` and ``height`` are the size in pixels before shrinking.
    """

    pixels: np.ndarray
    width: int
    height: int


JPEG = FileKind("JPEG", "jpg", "image/jpeg")
PNG = FileKind("PNG", "png", "image/png")
WEBP = FileKind("WebP", "webp", "image/webp")
TIFF = FileKind("TIFF", "tif", "image/tiff")
HEIC = FileKind("HEIC", "heic", "image/heic")

ACCEPTED = "JPEG, PNG, WebP, TIFF, HEIC or PDF"
"""The accepted formats, for messages; ``providers.files.documents`` handles PDF."""

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})
"""ISO/IEC 23008-12, annex B. Files of brand mif1 may use any coding, so the decoder decides."""
_PILLOW_FORMATS = {HEIC: "HEIF"}
"""Pillow's names of formats that are not just our name in capitals."""
_TIFF_OFFSETS_AND_SIZES = ((273, 279), (324, 325))
"""TIFF 6.0 tags: offsets and byte counts, of strips and of tiles."""
_EXIF_ORIENTATION = 274
_TURNED_ASIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations that swap width and height."""
_TO_UPRIGHT = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""What undoes each EXIF orientation (Exif 2.3, 4.6.4), as values of Pillow's ``Transpose``,
which is not imported here: flips, half turn, both diagonals, and the quarter turns."""
_MODES_WITHOUT_SHADES = {"1": "L", "P": "RGB"}
"""Pillow's modes whose pixels cannot be interpolated, and the mode to convert them to first."""


def check_image(data: bytes, max_bytes: int, max_pixels: int) -> FileKind:
    """Return the format of an image from its header alone: no pixel is decoded.

    Raises NotAnImage for anything but one complete still image of an accepted format,
    ImageTooLarge for more than ``max_bytes`` bytes or ``max_pixels`` pixels.
    """
    if not data:
        raise NotAnImage(f"the file is empty; a receipt is a {ACCEPTED} file")
    if len(data) > max_bytes:
        raise ImageTooLarge(f"the file has {len(data):,} bytes; at most {max_bytes:,} are allowed")
    kind = _kind_of(data)
    image = _open(data, kind, max_pixels)
    with _damage_refused(f"the header of the {kind.name} file cannot be read"):
        frames = getattr(image, "n_frames", 1)
        complete = _is_complete(data, kind, image)
    # Phones append a preview to a JPEG (MPO), and the other shots of a burst to a HEIC.
    if frames > 1 and image.format != "MPO" and kind is not HEIC:
        raise NotAnImage(f"the {kind.name} file holds {frames} images; a receipt is one")
    if not complete:
        raise NotAnImage(f"the {kind.name} file is cut off after {len(data):,} bytes")
    return kind


def decode_image(data: bytes, max_pixels: int, longest_side: int) -> DecodedImage:
    """Decode to RGB, turned as EXIF says, shrunk so that no side exceeds ``longest_side`` pixels.

    Raises NotAnImage if the pixels cannot be decoded, ImageTooLarge for more than ``max_pixels``
    pixels.
    """
    import numpy as np
    from PIL.Image import Transpose

    kind = _kind_of(data)
    image = _open(data, kind, max_pixels)
    width, height = image.size
    ratio = min(1.0, longest_side / max(width, height))
    with _damage_refused(f"the pixels of the {kind.name} file cannot be decoded"):
        # A JPEG can be decoded at half, quarter or eighth size in a fraction of the time.
        image.draft("RGB", (int(width * ratio), int(height * ratio)))
        image.load()
        # Read only after loading, because Pillow turns a TIFF while it decodes it.
        orientation = image.getexif().get(_EXIF_ORIENTATION)
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        # Shrink first: every later step copies, and a large page would be in memory repeatedly.
        page = _on_paper(_shrunk(image, size))
        if orientation in _TO_UPRIGHT:
            page = page.transpose(Transpose(_TO_UPRIGHT[orientation]))
        if orientation in _TURNED_ASIDE:
            width, height = height, width
    return DecodedImage(np.asarray(page), width, height)


def _kind_of(data: bytes) -> FileKind:
    """Return the format that the first bytes name; raises NotAnImage for any other."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return TIFF
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return HEIC
    begins = "".join(chr(byte) if chr(byte) in string.printable[:95] else "." for byte in data[:8])
    raise NotAnImage(f"the file starts with '{begins}'; a receipt is a {ACCEPTED} file")


@contextmanager
def _damage_refused(message: str) -> Iterator[None]:
    """Raise every error of Pillow as NotAnImage: a damaged file can raise any exception."""
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:
        raise NotAnImage(message) from error


def _open(data: bytes, kind: FileKind, max_pixels: int) -> Image:
    """Read the header, with the decoder of that one format only."""
    from PIL import Image

    if kind is HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener()
    bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    with _damage_refused(f"the header of the {kind.name} file cannot be read"):
        try:
            known_as = _PILLOW_FORMATS.get(kind, kind.name.upper())
            image = Image.open(BytesIO(data), formats=(known_as,))
        except bomb as error:
            raise ImageTooLarge(
                f"the {kind.name} file claims far more pixels than the {max_pixels:,} "
                "that are allowed"
            ) from error
    pixels = image.width * image.height
    if pixels > max_pixels:
        raise ImageTooLarge(
            f"the image has {image.width} x {image.height} = {pixels:,} pixels; "
            f"at most {max_pixels:,} are allowed"
        )
    return image


def _is_complete(data: bytes, kind: FileKind, image: Image) -> bool:
    """Return whether the file ends as its format requires."""
    if kind is JPEG:
        return _has_end_of_image(data)
    if kind is PNG:
        return data.rfind(b"IEND") != -1
    if kind is WEBP:
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    if kind is HEIC:
        return _boxes_are_whole(data)
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
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        if data[position + 1] == 0xDA:
            # Searched from the end, where it nearly always is.
            return data.rfind(b"\xff\xd9", position) != -1
        is_fill = data[position + 1] == 0xFF
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        position += 1 if is_fill else 2 + length
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


def _shrunk(image: Image, size: tuple[int, int]) -> Image:
    """Shrink in the file's own mode, or in one whose pixels can be interpolated."""
    if image.mode.startswith("I;16"):
        # 16-bit grey: Pillow's own conversion clips every value above 255 to white.
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode == "PA" or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode in _MODES_WITHOUT_SHADES:
        image = image.convert(_MODES_WITHOUT_SHADES[image.mode])
    return image if image.size == size else image.resize(size, reducing_gap=2.0)


def _on_paper(image: Image) -> Image:
    """Convert to 8-bit RGB, with white behind transparent pixels."""
    from PIL import Image

    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")
