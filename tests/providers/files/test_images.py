import contextlib
import io
import struct
import subprocess
import sys
import time
import warnings
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from providers.errors import ImageTooLarge, NotAnImage
from providers.files.image_kinds import (
    AVIF,
    GIF,
    HEIC,
    JPEG,
    JPEG2000,
    PILLOW_FORMATS,
    PNG,
    TIFF,
    WEBP,
    FileKind,
    tiff_pages,
)
from providers.files.images import check_image, decode_image

pillow_heif.register_heif_opener()

MAX_BYTES = 1_000_000
MAX_PIXELS = 1_000_000


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def drawn(width: int = 60, height: int = 40) -> Image.Image:
    """Return a picture whose upper left quarter is black."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("black", (0, 0, width // 2, height // 2))
    return image


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims the size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP, TIFF, HEIC, AVIF, GIF, JPEG2000])
def test_the_format_is_recognised_by_the_bytes(kind: FileKind) -> None:
    data = encoded(drawn(), PILLOW_FORMATS.get(kind, kind.name))
    assert check_image(data, MAX_BYTES, MAX_PIXELS) is kind


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF", "JPEG2000"])
def test_half_a_file_is_refused(form: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), form)
    with pytest.raises(NotAnImage, match=r"cut off|cannot be read"):
        check_image(data[: len(data) * 2 // 3], MAX_BYTES, MAX_PIXELS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7\n", "starts with '%PDF-1.7'"),
        (b"8BPS\x00\x01\x00\x00", "starts with '8BPS"),
        (b"\xff\xd8\xff\xe0 and then no JPEG at all", "the header of the JPEG file"),
        (b"\x89PNG\r\n\x1a\n", "the header of the PNG file"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "the header of the WebP file"),
        (b"II*\x00\xff\xff\xff\xff", "the header of the TIFF file"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "the header of the HEIC file"),
    ],
)
def test_a_file_that_is_no_image_is_refused_with_its_first_bytes(data: bytes, message: str) -> None:
    with pytest.raises(NotAnImage) as refusal:
        check_image(data, MAX_BYTES, MAX_PIXELS)
    assert message in str(refusal.value)


def test_too_many_bytes_are_refused_before_they_are_looked_at() -> None:
    with pytest.raises(ImageTooLarge, match=r"has 11 bytes; at most 10 are allowed"):
        check_image(b"not a photo", 10, MAX_PIXELS)


def test_pixels_are_counted_by_the_header_alone() -> None:
    with pytest.raises(ImageTooLarge, match=r"1001 x 1000 = 1,001,000 pixels; at most 1,000,000"):
        check_image(png_header(1001, 1000), MAX_BYTES, MAX_PIXELS)


@pytest.mark.parametrize("side", [10_000, 13_000, 100_000])
def test_a_bomb_is_refused_whatever_it_announces(side: int) -> None:
    """Pillow warns of the first two and refuses the last; all must fail, without a warning."""
    bomb = png_header(side, side)
    with pytest.raises(ImageTooLarge):
        check_image(bomb, MAX_BYTES, MAX_PIXELS)
    with pytest.raises(ImageTooLarge):
        decode_image(bomb, MAX_PIXELS, 1000)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "TIFF"])
def test_of_several_images_in_one_file_the_first_counts(form: str) -> None:
    white = Image.new("RGB", (60, 40), "white")
    data = encoded(drawn(), form, save_all=True, append_images=[white])
    check_image(data, MAX_BYTES, MAX_PIXELS)
    assert decode_image(data, MAX_PIXELS, 100).pixels[5, 5].max() < 60


def test_each_page_of_a_tiff_is_decoded() -> None:
    data = encoded(
        Image.new("RGB", (60, 40), "white"), "TIFF", save_all=True, append_images=[drawn()]
    )
    assert (tiff_pages(data, 5), tiff_pages(data, 1), tiff_pages(data, 0)) == (2, 2, 1)
    assert decode_image(data, MAX_PIXELS, 100, page=1).pixels[5, 5].max() < 60
    with pytest.raises(NotAnImage, match="page 3 of the TIFF file cannot be read"):
        decode_image(data, MAX_PIXELS, 100, page=2)


def test_the_pages_of_a_tiff_made_of_directories_are_not_all_counted() -> None:
    directories = b"".join(struct.pack("<HI", 0, 8 + 6 * (number + 1)) for number in range(60_000))
    started = time.process_time()
    assert tiff_pages(b"II*\0" + struct.pack("<I", 8) + directories, 50) == 51
    assert tiff_pages(b"II*\0" + struct.pack("<IHI", 8, 0, 8), 50) == 1  # its own successor
    assert time.process_time() - started < 1


def test_a_phone_appends_a_preview_and_the_photo_is_still_one() -> None:
    data = encoded(drawn(), "MPO", save_all=True, append_images=[drawn(30, 20)])
    assert check_image(data, MAX_BYTES, MAX_PIXELS) is JPEG


@pytest.mark.parametrize("appended", [b"", b"\xff\xda a motion photo's film"])
def test_a_phone_appends_data_behind_the_end(appended: bytes) -> None:
    exif = Image.Exif()
    exif[270] = "described"
    data = encoded(drawn(), "JPEG", exif=exif)
    assert check_image(data + appended, MAX_BYTES, MAX_PIXELS) is JPEG


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF", "JPEG2000"])
def test_damage_anywhere_is_clearly_refused_or_harmless(form: str) -> None:
    """Flipped bytes and cuts make Pillow raise any exception; all must become ours."""
    random = np.random.default_rng(2)
    whole = encoded(Image.fromarray(random.integers(0, 255, (30, 40, 3), dtype=np.uint8)), form)
    for _ in range(150):
        damaged = bytearray(whole[: random.integers(1, len(whole))])
        for place in random.integers(0, min(len(damaged), 200), 3):
            damaged[place] = random.integers(0, 256)
        with contextlib.suppress(NotAnImage, ImageTooLarge), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damaged metadata
            check_image(bytes(damaged), MAX_BYTES, MAX_PIXELS)
            decode_image(bytes(damaged), MAX_PIXELS, 100)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    list(zip(range(1, 9), [(0, 0), (0, -1), (-1, -1), (-1, 0)] * 2, strict=True)),
)
def test_every_exif_orientation_is_honoured(orientation: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    image = decode_image(encoded(drawn(), "JPEG", exif=exif), MAX_PIXELS, 100)
    size = (60, 40) if orientation < 5 else (40, 60)
    assert (image.width, image.height) == size
    assert image.pixels.shape == (size[1], size[0], 3)
    corners = {(y, x): int(image.pixels[y, x].mean()) for y in (0, -1) for x in (0, -1)}
    assert [place for place, grey in corners.items() if grey < 60] == [corner]


@pytest.mark.parametrize(
    ("turn", "corner"),
    [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))],
)
def test_a_heic_photo_stands_upright(turn: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[274] = turn
    image = decode_image(encoded(drawn(), "HEIF", exif=exif.tobytes()), MAX_PIXELS, 100)
    assert (image.width, image.height) == ((60, 40) if turn < 5 else (40, 60))
    corners = {(y, x): int(image.pixels[y, x].mean()) for y in (0, -1) for x in (0, -1)}
    assert [place for place, grey in corners.items() if grey < 60] == [corner]


def test_a_burst_is_read_as_its_primary_shot() -> None:
    burst = encoded(drawn(), "HEIF", save_all=True, append_images=[drawn(30, 20)])
    assert check_image(burst, MAX_BYTES, MAX_PIXELS) is HEIC
    assert decode_image(burst, MAX_PIXELS, 100).width == 60


def test_a_large_scan_is_shrunk_and_its_size_is_kept() -> None:
    image = decode_image(encoded(drawn(900, 600), "JPEG"), MAX_PIXELS, 100)
    assert (image.width, image.height) == (900, 600)
    assert image.pixels.shape == (67, 100, 3)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (20, 20), 255),
        Image.new("1", (20, 20), 1),
        Image.new("LA", (20, 20), (0, 0)),
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)),
        Image.new("I;16", (20, 20), 65535),
        Image.new("P", (20, 20), 0).convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_becomes_rgb_with_paper_behind_it(image: Image.Image) -> None:
    pixels = decode_image(encoded(image, "PNG"), MAX_PIXELS, 100).pixels
    assert pixels.shape == (20, 20, 3)
    assert pixels.dtype == np.uint8
    if image.mode != "P":
        assert pixels.min() == 255


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    image = Image.new("I;16", (20, 20), 32768)
    assert decode_image(encoded(image, "PNG"), MAX_PIXELS, 100).pixels.mean() == 128


def test_pixels_that_cannot_be_decoded_are_refused() -> None:
    with pytest.raises(NotAnImage, match="pixels of the PNG file cannot be decoded"):
        decode_image(png_header(500, 500), MAX_PIXELS, 100)


def test_importing_the_module_loads_no_imaging_library() -> None:
    code = (
        "import sys, providers.files.images; "
        "print(sorted({'PIL', 'numpy', 'cv2', 'pillow_heif'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "[]"
