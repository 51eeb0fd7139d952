"""Pictures made of very many parts: refused with one sentence, as soon as they are looked at."""

import io
import time

import pillow_heif
import pytest
from PIL import Image

from config import Settings
from providers.errors import ImageTooLarge, NotAnImage
from providers.files.documents import check_receipt
from providers.files.image_kinds import kind_of
from providers.files.images import check_image
from providers.files.picture_parts import MOST_JPEG_SCANS, check_parts
from tests.hostile import picture_bombs

pillow_heif.register_heif_opener()

MAX_BYTES, MAX_PIXELS = 20_000_000, 50_000_000
SECONDS = 0.5
"""CPU time to refuse one: some took a minute to open."""


@pytest.mark.parametrize("name", picture_bombs.all_of_them())
def test_a_picture_of_too_many_parts_is_refused_before_it_is_opened(name: str) -> None:
    data = picture_bombs.all_of_them()[name]
    started = time.thread_time()

    with pytest.raises(
        (ImageTooLarge, NotAnImage), match=r"more than the [\d,]+ \w|cannot be read"
    ):
        check_image(data, MAX_BYTES, MAX_PIXELS)

    assert time.thread_time() - started < SECONDS


def test_a_tiff_made_of_directories_has_too_many_pages() -> None:
    with pytest.raises(ImageTooLarge, match="more than the 50 pages allowed"):
        check_receipt(picture_bombs.tiff_of_directories(900), Settings())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF", "JPEG2000"])
@pytest.mark.parametrize("frames", [1, 3])
def test_what_phones_and_scanners_write_has_few_parts(form: str, frames: int) -> None:
    file = io.BytesIO()
    noise = Image.effect_noise((320, 240), 50).convert("RGB")
    exif = Image.Exif()
    exif[271] = "a phone" * 900
    kept = {"exif": exif, "icc_profile": bytes(400_000)}
    several = {"save_all": True, "append_images": [noise] * (frames - 1)}
    known = {} if form in ("GIF", "JPEG2000") else kept
    noise.save(file, form, **known, **(several if form not in ("JPEG", "JPEG2000") else {}))

    check_parts(file.getvalue(), kind_of(file.getvalue()).name)


def test_a_progressive_photo_and_one_in_a_phones_container_have_few_parts() -> None:
    noise = Image.effect_noise((320, 240), 50).convert("RGB")
    for form, options in (
        ("JPEG", {"progressive": True, "restart_marker_blocks": 4}),
        ("MPO", {"save_all": True, "append_images": [noise]}),
    ):
        file = io.BytesIO()
        noise.save(file, form, **options)
        check_parts(file.getvalue() + b"\xff\xda" * MOST_JPEG_SCANS, "JPEG")


@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "WebP", "TIFF", "HEIC", "AVIF", "GIF", "JPEG 2000"]
)
@pytest.mark.parametrize("length", range(64))
def test_a_file_that_breaks_off_anywhere_is_left_to_its_decoder(kind: str, length: int) -> None:
    for filler in (b"\0", b"\1", b"\x7f", b"\xff"):
        try:
            check_parts((filler * 64)[:length], kind)
        except NotAnImage:
            assert kind == "JPEG"


def test_boxes_in_boxes_are_not_followed_for_ever() -> None:
    nested = b""
    for _ in range(3_000):
        nested = picture_bombs.box(b"meta", b"\0\0\0\0" + nested)

    check_parts(nested, "HEIC")
