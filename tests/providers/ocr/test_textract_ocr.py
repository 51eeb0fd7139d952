"""OCR by Textract, against answers in the format that AWS documents."""

import io
import json
from collections.abc import Callable
from contextlib import closing

import pytest
from PIL import Image

from config import Settings
from models import ReceiptText
from providers.errors import (
    ImageTooLarge,
    InvalidRequest,
    NotAnImage,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.ocr.textract import TextractReader
from tests.providers.conftest import Answer

Corner = tuple[float, float]

WIDTH, HEIGHT = 400, 800
"""The size of the upright page, in pixels."""

TOTAL_BOX = (40, 400, 120, 440)
AMOUNT_BOX = (280, 400, 360, 440)


def photo(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return a blank photo."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, kind)
    return file.getvalue()


def line(text: str, corners: list[Corner], width: int, height: int) -> dict[str, object]:
    """Return a LINE block; corners are in pixels, clockwise from the text's top left."""
    across, down = zip(*corners, strict=True)
    return {
        "BlockType": "LINE",
        "Id": text,
        "Text": text,
        "Confidence": 99.25,
        "Geometry": {
            "BoundingBox": {
                "Left": min(across) / width,
                "Top": min(down) / height,
                "Width": (max(across) - min(across)) / width,
                "Height": (max(down) - min(down)) / height,
            },
            "Polygon": [{"X": x / width, "Y": y / height} for x, y in corners],
        },
    }


def answer(*blocks: dict[str, object]) -> Answer:
    """Return an answer of DetectDocumentText."""
    body = {
        "DocumentMetadata": {"Pages": 1},
        "Blocks": [{"BlockType": "PAGE", "Id": "page"}, *blocks],
        "DetectDocumentTextModelVersion": "1.0",
    }
    return 200, {}, json.dumps(body).encode()


@pytest.fixture
def reader_of(
    answering: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Answer], TextractReader]:
    """Return a function that makes a reader whose Textract gives one answer."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")

    def make(answer: Answer) -> TextractReader:
        monkeypatch.setenv("AWS_ENDPOINT_URL", answering(answer))
        return TextractReader(Settings(aws_region="eu-west-1", receipt_max_pixels=1_000_000))

    return make


Make = Callable[[Answer], TextractReader]


def corners_of(box: tuple[int, int, int, int]) -> list[Corner]:
    """Return the corners of an upright line."""
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def clockwise(point: Corner, quarters: int) -> Corner:
    """Return where a point of the upright page is on a photo that is turned clockwise."""
    (x, y), width, height = point, WIDTH, HEIGHT
    for _ in range(quarters):
        (x, y), width, height = (height - y, x), height, width
    return x, y


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_upright_whichever_way_it_lies(reader_of: Make, quarters: int) -> None:
    size = (HEIGHT, WIDTH) if quarters % 2 else (WIDTH, HEIGHT)
    blocks = [
        line(text, [clockwise(corner, quarters) for corner in corners_of(box)], *size)
        for text, box in (("TOTAL", TOTAL_BOX), ("12.30", AMOUNT_BOX))
    ]
    with closing(reader_of(answer(*blocks))) as reader:
        text = reader.read(photo(*size))
    assert [(one.text, one.box) for one in text.lines] == [
        ("TOTAL", TOTAL_BOX),
        ("12.30", AMOUNT_BOX),
    ]
    assert (text.width, text.height, text.rotation) == (WIDTH, HEIGHT, quarters * 90)
    assert (text.engine, text.skew_degrees, text.lines[0].confidence) == ("textract", 0, 0.993)


def test_the_skew_of_a_page_is_reported(reader_of: Make) -> None:
    falling = [(40.0, 400.0), (140.0, 410.0), (136.0, 450.0), (36.0, 440.0)]
    with closing(reader_of(answer(line("TOTAL 12.30", falling, WIDTH, HEIGHT)))) as reader:
        text = reader.read(photo(WIDTH, HEIGHT))
    assert (text.skew_degrees, text.rotation) == (5.71, 0)
    assert text.lines[0].box == (36, 400, 140, 450)


def test_a_page_without_text_gives_no_lines(reader_of: Make) -> None:
    with closing(reader_of(answer())) as reader:
        text = reader.read(photo(WIDTH, HEIGHT))
    assert text == ReceiptText(lines=(), width=WIDTH, height=HEIGHT, engine="textract")


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "JPEG"])
def test_every_accepted_format_is_read(reader_of: Make, kind: str) -> None:
    block = line("TOTAL", corners_of(TOTAL_BOX), WIDTH, HEIGHT)
    with closing(reader_of(answer(block))) as reader:
        assert len(reader.read(photo(WIDTH, HEIGHT, kind)).lines) == 1


def test_a_long_text_is_cut_to_the_limit_of_a_history(reader_of: Make) -> None:
    blocks = [line("x" * 5000, corners_of(TOTAL_BOX), WIDTH, HEIGHT)] * 2000
    with closing(reader_of(answer(*blocks))) as reader:
        text = reader.read(photo(WIDTH, HEIGHT))
    assert len(text.model_dump_json()) < 500_000


@pytest.mark.parametrize(
    ("image", "kind"), [(b"no photo", NotAnImage), (photo(1_001, 1_000), ImageTooLarge)]
)
def test_a_bad_file_is_refused_without_asking_aws(
    reader_of: Make, image: bytes, kind: type[ProviderError]
) -> None:
    with closing(reader_of((500, {}, b""))) as reader, pytest.raises(kind):
        reader.read(image)


def refusal(status: int, name: str) -> Answer:
    """Return an error in the format of Textract."""
    return status, {}, json.dumps({"__type": name, "message": "m"}).encode()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "UnsupportedDocumentException"), NotAnImage),
        (refusal(400, "BadDocumentException"), NotAnImage),
        (refusal(400, "DocumentTooLargeException"), ImageTooLarge),
        (refusal(400, "AccessDeniedException"), Unauthorized),
        (refusal(400, "UnrecognizedClientException"), Unauthorized),
        (refusal(400, "ProvisionedThroughputExceededException"), ProviderRateLimited),
        (refusal(400, "ThrottlingException"), ProviderRateLimited),
        (refusal(500, "InternalServerError"), ProviderUnavailable),
        ((200, {}, b"<html>log in to the hotel</html>"), UnexpectedAnswer),
        ((200, {}, b"{}"), UnexpectedAnswer),
        ((200, {}, b'{"Blocks": [{"BlockType": "LINE", "Text": "x"}]}'), UnexpectedAnswer),
    ],
)
def test_each_bad_answer_is_an_error_of_the_right_kind(
    reader_of: Make, answer: Answer, kind: type[ProviderError]
) -> None:
    with closing(reader_of(answer)) as reader, pytest.raises(ProviderError) as caught:
        reader.read(photo(WIDTH, HEIGHT))
    assert type(caught.value) is kind, caught.value


def test_a_missing_region_is_an_error_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InvalidRequest, match="region"):
        TextractReader(Settings(aws_region=None))
