"""Pictures that need much memory or time, or crash their decoder: only a child of ours sees it."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config import ROOT
from providers.errors import ImageTooLarge, NotAnImage, ProviderUnavailable
from providers.files import confined_pictures
from providers.files.confined_pictures import PictureLimits, PictureProcess, decode_picture
from providers.files.image_kinds import PNG
from providers.files.images import decode_image
from tests.hostile import bombs, picture_bombs

LIMITS = PictureLimits(max_bytes=20_000_000, max_pixels=50_000_000)


def photo(form: str = "PNG") -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.effect_noise((90, 60), 80).convert("RGB").save(file, form)
    return file.getvalue()


@pytest.fixture
def process() -> Iterator[PictureProcess]:
    """Yield a process with a second for each picture."""
    one = PictureProcess(1.0)
    yield one
    one.stop()


def test_a_picture_comes_back_as_it_was_decoded() -> None:
    assert confined_pictures.check_picture(photo(), LIMITS) is PNG
    data = photo()
    page, here = decode_picture(data, LIMITS, 60), decode_image(data, 50_000_000, 60)
    assert (page.width, page.height, page.pixels.shape) == (90, 60, (40, 60, 3))
    assert np.array_equal(page.pixels, here.pixels)


def test_one_process_opens_them_all_and_has_none_of_our_secrets(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "not for decoders")
    process.open(photo(), LIMITS)
    child = process.pid
    process.open(photo("JPEG"), LIMITS, 100)

    assert process.pid == child
    assert "not for decoders" not in Path(f"/proc/{child}/environ").read_text(encoding="utf-8")


def test_a_picture_that_takes_too_long_is_refused_and_the_next_is_opened(
    process: PictureProcess,
) -> None:
    slow = picture_bombs.jpeg_of_scans(80)
    with pytest.raises(ImageTooLarge, match="the JPEG file takes more than 1 s to open"):
        process.open(slow, LIMITS, 1_000)

    process.open(photo(), LIMITS, 100)


def test_a_picture_that_takes_too_much_memory_is_refused_and_the_next_is_opened(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_pictures, "MEMORY_BYTES", 96 << 20)
    process.open(photo(), LIMITS)
    with pytest.raises(ImageTooLarge, match="the PNG file needs more than 96 MiB to open"):
        process.open(bombs.png(7_000, 7_000), LIMITS, 1_000)

    process.open(photo(), LIMITS, 100)


def test_the_largest_picture_has_memory_enough() -> None:
    process = PictureProcess(20.0)
    size, pixels = process.open(bombs.webp_of_50_megapixels(), LIMITS, 1_000)
    process.stop()

    assert (size["width"], size["height"], len(pixels)) == (7_000, 7_100, 986 * 1_000 * 3)


def test_a_process_that_has_opened_many_is_replaced(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_pictures, "MOST_PICTURES", 2)
    pids = []
    for _ in range(4):
        process.open(photo(), LIMITS)
        pids.append(process.pid)

    assert pids == [pids[0], pids[0], pids[2], pids[2]]
    assert pids[0] != pids[2]


def test_a_process_that_was_killed_between_two_pictures_is_started_again(
    process: PictureProcess,
) -> None:
    process.open(photo(), LIMITS)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)

    process.open(photo(), LIMITS, 100)


def test_a_picture_that_crashes_its_decoder_is_refused(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_pictures, "PROGRAM", ("-c", "import os; os.abort()"))

    with pytest.raises(NotAnImage, match="the PNG file cannot be read: it is damaged"):
        process.open(photo(), LIMITS)


def test_a_machine_too_busy_to_open_a_picture_is_a_retryable_error(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_pictures, "_BUSY_SECONDS", 0)

    with pytest.raises(ProviderUnavailable, match="could not be opened within 0 s"):
        process.open(picture_bombs.jpeg_of_scans(80), LIMITS, 1_000)


def test_an_answer_that_nobody_took_is_not_that_to_the_next_question(
    process: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.open(photo(), LIMITS)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(confined_pictures, "_answers_within", _out_of_memory)
        with pytest.raises(MemoryError):
            process.open(photo(), LIMITS, 100)

    size, pixels = process.open(photo(), LIMITS, 10)
    assert max(size["rows"], size["columns"]) == 10
    assert len(pixels) == size["rows"] * size["columns"] * 3


def _out_of_memory(_seconds: float, _answers: object) -> bool:
    raise MemoryError


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (b"", NotAnImage, "the file is empty"),
        (b"no picture", NotAnImage, "starts with 'no pictu'"),
        (bombs.png(20_000, 20_000), ImageTooLarge, "more pixels than the 50,000,000"),
        (picture_bombs.jpeg(b"\xff\xfe\0\2"), ImageTooLarge, "more than the 1,000 segments"),
    ],
)
def test_a_refusal_comes_back_as_it_was_said(
    process: PictureProcess, data: bytes, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        process.open(data, LIMITS)


def test_the_process_imports_no_models_which_would_take_longer_than_the_file() -> None:
    look = "import sys, providers.files.picture_process; sys.exit('pydantic' in sys.modules)"
    done = subprocess.run((sys.executable, "-c", look), cwd=ROOT, check=False)
    assert done.returncode == 0
