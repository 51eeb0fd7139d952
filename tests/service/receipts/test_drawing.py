"""Drawings of receipts: the right boxes, on the right page, upright."""

import io
from pathlib import Path

import pytest
from PIL import Image

from config import Settings
from models import FieldReading, ReceiptFields, ReceiptText, TextLine, TextPage
from service.errors import BadInput
from service.receipts.drawing import annotated, around_total, png_of, write_png
from tests.support.pdf_files import scanned_pdf

RED, BLUE, WHITE = (200, 0, 30), (0, 90, 200), (255, 255, 255)
TOTAL_BOX = (100, 500, 200, 520)


def blank(width: int = 400, height: int = 800) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return file.getvalue()


def text(**changes: object) -> ReceiptText:
    line = TextLine(text="TOTAL 12.30", box=TOTAL_BOX, confidence=0.9)
    about = {"lines": (line,), "width": 400, "height": 800, "engine": "test"}
    return ReceiptText.model_validate({**about, **changes})


def fields(**readings: FieldReading) -> ReceiptFields:
    return ReceiptFields(
        merchant="CAFE",
        total_cents=1230,
        currency="EUR",
        date=None,
        parser="test",
        readings=readings,
    )


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def test_a_field_is_framed_where_it_stands() -> None:
    total = FieldReading(confidence=0.9, box=TOTAL_BOX)
    picture = annotated(blank(), text(), fields(total=total), Settings())

    assert picture.size == (400, 800)
    assert colour(picture, 98, 510) == RED
    assert colour(picture, 150, 510) == WHITE
    label = picture.crop((100, 470, 240, 496))
    assert RED in {pixel for _, pixel in label.getcolors(10_000) or []}


def test_a_picture_that_was_turned_to_be_read_is_drawn_upright() -> None:
    total = FieldReading(confidence=0.9, box=TOTAL_BOX)
    lying = text(rotation=90)
    picture = annotated(blank(800, 400), lying, fields(total=total), Settings())

    assert picture.size == (400, 800)
    assert colour(picture, 98, 510) == RED


def test_a_large_scan_is_drawn_smaller_with_its_boxes_in_place() -> None:
    total = FieldReading(confidence=0.9, box=(1000, 3000, 1400, 3100))
    scan = text(width=2000, height=4000, lines=())
    picture = annotated(blank(2000, 4000), scan, fields(total=total), Settings())

    assert picture.size == (1000, 2000)
    assert colour(picture, 498, 1525) == RED


def test_each_page_has_its_own_boxes_below_the_page_before() -> None:
    document = scanned_pdf(Image.new("RGB", (300, 600), "white"), Image.new("RGB", (300, 600)))
    two = text(lines=(), pages=(TextPage(width=400, height=800),) * 2)
    read = fields(
        merchant=FieldReading(confidence=0.9, box=TOTAL_BOX),
        total=FieldReading(confidence=0.9, box=TOTAL_BOX, page=1),
    )
    picture = annotated(document, two, read, Settings())

    assert picture.size == (400, 1600)
    assert colour(picture, 98, 510) == BLUE
    assert colour(picture, 98, 800 + 510) == RED
    strip = around_total(document, two, read, Settings())
    assert strip.size == (400, 20 + 2 * 96)
    assert colour(strip, 98, 96 + 10) == RED


def test_without_a_total_the_last_page_is_shown_whole() -> None:
    assert around_total(blank(), text(), None, Settings()).size == (400, 800)
    at_the_edge = FieldReading(confidence=0.9, box=(0, 795, 400, 800))
    strip = around_total(blank(), text(), fields(total=at_the_edge), Settings())
    assert strip.size == (400, 800 - (795 - 96))


def test_a_file_that_cannot_be_drawn_or_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="starts with"):
        annotated(b"no picture", text(), None, Settings())
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"cannot be written: (Not a directory|File exists)"):
        write_png(Image.new("L", (1, 1)), tmp_path / "file" / "receipt.png")


@pytest.mark.parametrize("box", [(10, 5, 90, 5), (90, 50, 10, 5), (-9, -9, -1, -1), (0, 0, 0, 0)])
def test_lines_without_a_height_are_drawn(box: tuple[int, int, int, int]) -> None:
    flat = text(lines=(TextLine(text="TOTAL 12.30", box=box, confidence=0.9),))
    found = fields(total=FieldReading(confidence=0.9, box=box))
    for picture in (annotated, around_total):
        assert picture(blank(), flat, found, Settings()).size


@pytest.mark.parametrize(
    "workflow_id",
    ["../../etc/cron", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "x" * 999, "\ud800", "a\0"],
)
def test_a_picture_is_a_file_of_its_folder_whatever_the_id_says(
    workflow_id: str, tmp_path: Path
) -> None:
    file = png_of(tmp_path, workflow_id)
    assert file.parent == tmp_path
    assert file.resolve().parent == tmp_path.resolve()
    write_png(Image.new("RGB", (1, 1)), file)
    assert file.name.endswith(".png") and not file.name.startswith(".")


def test_ids_that_differ_have_pictures_that_do(tmp_path: Path) -> None:
    assert png_of(tmp_path, "receipt-u1-abc") == tmp_path / "receipt-u1-abc.png"
    assert len({png_of(tmp_path, each) for each in ("a/b", "a_b", "a\\b")}) == 3
