"""Images: what a receipt file is, and its pixels, without trusting a byte of it.

Prevents two failures: a file that is no picture stored and started as a run that can
only fail, and a few kilobytes that unfold to gigabytes of pixels (a decompression bomb)
and take the worker down. Pillow and numpy are imported only when they are needed, so
that ``starter.py`` stays quick.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from providers.errors import ImageTooLarge, NotAnImage

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from PIL.TiffImagePlugin import ImageFileDirectory_v2


class ImageKind(NamedTuple):
    """A format in which a receipt may come, and how its object is named and served."""

    name: str
    extension: str
    content_type: str


class DecodedImage(NamedTuple):
    """Pixels as height x width x RGB, turned as EXIF says, and the size before shrinking."""

    pixels: np.ndarray
    width: int
    height: int


JPEG = ImageKind("JPEG", "jpg", "image/jpeg")
PNG = ImageKind("PNG", "png", "image/png")
WEBP = ImageKind("WebP", "webp", "image/webp")
TIFF = ImageKind("TIFF", "tif", "image/tiff")

_ACCEPTED = "JPEG, PNG, WebP or TIFF"
_TIFF_OFFSETS_AND_SIZES = ((273, 279), (324, 325))
"""TIFF 6.0 tags: where strips and tiles start, and how many bytes each has."""
_EXIF_ORIENTATION = 274
_TURNED_ASIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations that swap width and height."""


def check_image(data: bytes, max_bytes: int, max_pixels: int) -> ImageKind:
    """Tell which kind of image the bytes are, from the header alone: no pixel is decoded.

    Raises NotAnImage for anything but one complete still image of an accepted format,
    ImageTooLarge for more than ``max_bytes`` bytes or ``max_pixels`` pixels.
    """
    if not data:
        raise NotAnImage(f"the file is empty; a receipt is a {_ACCEPTED} image")
    if len(data) > max_bytes:
        raise ImageTooLarge(f"the file has {len(data):,} bytes; at most {max_bytes:,} are allowed")
    kind = _kind_of(data)
    image = _open(data, kind)
    _check_pixels(image, max_pixels)
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a phone's JPEG with a preview in its tail
        raise NotAnImage(f"the {kind.name} file holds {frames} images; a receipt is one")
    if not _is_complete(data, kind, image):
        raise NotAnImage(
            f"the {kind.name} file is cut off after {len(data):,} bytes; send it again"
        )
    return kind


def decode_image(data: bytes, max_pixels: int, longest_side: int) -> DecodedImage:
    """Decode to RGB, upright as EXIF says, shrunk so that no side exceeds ``longest_side``.

    Raises NotAnImage when the pixels cannot be decoded, ImageTooLarge as ``check_image``.
    """
    import numpy as np
    from PIL import ImageOps

    kind = _kind_of(data)
    image = _open(data, kind)
    _check_pixels(image, max_pixels)
    width, height = image.size
    if image.getexif().get(_EXIF_ORIENTATION) in _TURNED_ASIDE:
        width, height = height, width
    ratio = min(1.0, longest_side / max(width, height))
    # JPEG decodes to a half, quarter or eighth in a fraction of the time.
    image.draft("RGB", (int(image.width * ratio), int(image.height * ratio)))
    try:
        upright = _as_rgb(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise NotAnImage(
            f"the {kind.name} file is damaged: its pixels cannot be decoded"
        ) from error
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    if upright.size != size:
        upright = upright.resize(size, reducing_gap=2.0)
    return DecodedImage(np.asarray(upright), width, height)


def _kind_of(data: bytes) -> ImageKind:
    """The format that the first bytes announce."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return TIFF
    raise NotAnImage(f"the file starts with {data[:8]!r}; a receipt is a {_ACCEPTED} image")


def _open(data: bytes, kind: ImageKind) -> Image:
    """Read the header; only the announced format's decoder ever sees the bytes."""
    from PIL import Image

    bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        return Image.open(BytesIO(data), formats=(kind.name.upper(),))
    except bomb as error:
        raise ImageTooLarge(f"the {kind.name} file is a decompression bomb: {error}") from error
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise NotAnImage(f"the header of the {kind.name} file cannot be read") from error


def _check_pixels(image: Image, max_pixels: int) -> None:
    pixels = image.width * image.height
    if pixels > max_pixels:
        raise ImageTooLarge(
            f"the image has {image.width} x {image.height} = {pixels:,} pixels; "
            f"at most {max_pixels:,} are allowed"
        )


def _is_complete(data: bytes, kind: ImageKind, image: Image) -> bool:
    """Whether the end that the format prescribes is there."""
    if kind is JPEG:
        # End-of-image after the last start-of-scan; phones append data of their own behind it.
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    if kind is PNG:
        return data.rfind(b"IEND") != -1
    if kind is WEBP:
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    directory: ImageFileDirectory_v2 = vars(image)["tag_v2"]
    return all(
        offset + size <= len(data)
        for offsets, sizes in _TIFF_OFFSETS_AND_SIZES
        for offset, size in zip(directory.get(offsets, ()), directory.get(sizes, ()), strict=False)
    )


def _as_rgb(image: Image) -> Image:
    """Eight bits of red, green and blue, with white behind transparent pixels."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        # Sixteen bits of grey: Pillow would clip every value above 255 to white.
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")
