"""Images: the format and the pixels of a receipt file, of which nothing is trusted.

Prevents two failures: storing a file that is not a picture and starting a run that can only
fail, and a few kilobytes that unpack to gigabytes of pixels (a decompression bomb) and crash
the worker. Pillow and numpy are imported only when they are needed, so that ``starter.py``
starts fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from providers.errors import ImageTooLarge, NotAnImage, ProviderError
from providers.files.image_kinds import (
    ACCEPTED,
    HEIC,
    PILLOW_FORMATS,
    FileKind,
    is_complete,
    kind_of,
)
from providers.files.picture_parts import check_parts

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image


class DecodedImage(NamedTuple):
    """A decoded page: pixels as height x width x RGB (8 bits), turned as EXIF says.

    ``width`` and ``height`` are the size in pixels before shrinking.
    """

    pixels: np.ndarray
    width: int
    height: int


class UprightImage(NamedTuple):
    """A decoded page, and its size in pixels before shrinking."""

    image: Image
    width: int
    height: int


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

    Raises NotAnImage for anything but a complete image of an accepted format, ImageTooLarge for
    more than ``max_bytes`` bytes or ``max_pixels`` pixels. Of a picture that moves, the first frame
    counts; phones append others to a still one.
    """
    kind = kind_of_file(data, max_bytes)
    image = _open(data, kind, max_pixels)
    with _damage_refused(f"the header of the {kind.name} file cannot be read"):
        complete = is_complete(data, kind, image)
    if not complete:
        raise NotAnImage(f"the {kind.name} file is cut off after {len(data):,} bytes")
    return kind


def kind_of_file(data: bytes, max_bytes: int) -> FileKind:
    """Return the format that the file's first bytes name; raises as ``check_image``."""
    if not data:
        raise NotAnImage(f"the file is empty; a receipt is a {ACCEPTED} file")
    if len(data) > max_bytes:
        raise ImageTooLarge(f"the file has {len(data):,} bytes; at most {max_bytes:,} are allowed")
    return kind_of(data)


def decode_image(data: bytes, max_pixels: int, longest_side: int, page: int = 0) -> DecodedImage:
    """Decode to an array; see ``upright_image``, also for what is raised."""
    import numpy as np

    image, width, height = upright_image(data, max_pixels, longest_side, page)
    return DecodedImage(np.asarray(image), width, height)


def upright_image(data: bytes, max_pixels: int, longest_side: int, page: int = 0) -> UprightImage:
    """Decode to RGB, turned as EXIF says, shrunk so that no side exceeds ``longest_side`` pixels.

    ``page`` is the number of a page of a TIFF, from 0.

    Raises NotAnImage if the pixels cannot be decoded, ImageTooLarge for more than ``max_pixels``
    pixels.
    """
    from PIL.Image import Transpose

    kind = kind_of(data)
    image = _open(data, kind, max_pixels)
    if page:
        with _damage_refused(f"page {page + 1} of the {kind.name} file cannot be read"):
            image.seek(page)
        _check_pixels(image, max_pixels)
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
        upright = _on_paper(_shrunk(image, size))
        if orientation in _TO_UPRIGHT:
            upright = upright.transpose(Transpose(_TO_UPRIGHT[orientation]))
        if orientation in _TURNED_ASIDE:
            width, height = height, width
    return UprightImage(upright, width, height)


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

    check_parts(data, kind.name)
    if kind is HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener()
    bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    with _damage_refused(f"the header of the {kind.name} file cannot be read"):
        try:
            known_as = PILLOW_FORMATS.get(kind, kind.name.upper())
            image = Image.open(BytesIO(data), formats=(known_as,))
        except bomb as error:
            raise ImageTooLarge(
                f"the {kind.name} file claims far more pixels than the {max_pixels:,} "
                "that are allowed"
            ) from error
    _check_pixels(image, max_pixels)
    return image


def _check_pixels(image: Image, max_pixels: int) -> None:
    pixels = image.width * image.height
    if pixels > max_pixels:
        raise ImageTooLarge(
            f"the image has {image.width} x {image.height} = {pixels:,} pixels; "
            f"at most {max_pixels:,} are allowed"
        )


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
