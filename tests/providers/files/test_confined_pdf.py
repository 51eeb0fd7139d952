"""PDF files that need much memory or time: the process that submits them needs neither."""

import subprocess
import sys

import pytest

from config import ROOT
from models import MAX_LINE_CHARACTERS
from providers.errors import ImageTooLarge, NotAnImage, ProviderUnavailable
from providers.files import confined_pdf, pdf_pages
from providers.files.pdf_pages import PdfLimits
from tests.hostile import bombs
from tests.support.pdf_files import printed_pdf

LIMITS = PdfLimits(max_pages=3, max_pixels=1_000_000)


def test_a_pdf_that_unpacks_beyond_the_memory_limit_is_refused() -> None:
    with pytest.raises(NotAnImage, match="unpacks to more than 1024 MiB"):
        confined_pdf.check_pdf(bombs.pdf_that_unpacks(1024), LIMITS)


def test_a_pdf_that_draws_beyond_the_time_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_pdf, "CPU_SECONDS", 1)

    with pytest.raises(ImageTooLarge, match="takes more than 1 s to draw"):
        confined_pdf.check_pdf(bombs.pdf_that_draws_for_ever(), LIMITS)


def test_a_machine_too_busy_to_open_a_pdf_is_a_retryable_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confined_pdf, "_BUSY_SECONDS", 0)

    with pytest.raises(ProviderUnavailable, match="could not be opened within 0 s"):
        confined_pdf.check_pdf(bombs.pdf_of_pages(1), LIMITS)


def test_pages_come_back_as_they_were_drawn() -> None:
    pictures = confined_pdf.page_pictures(bombs.pdf_of_pages(2), LIMITS, 300)

    assert [picture.pixels.shape for picture in pictures] == [(300, 232, 3)] * 2
    assert {(picture.width, picture.height) for picture in pictures} == {(1700, 2200)}
    assert all(picture.pixels.min() == 255 for picture in pictures), "blank paper"


def test_every_line_of_a_text_layer_is_certain_and_has_the_number_of_its_page() -> None:
    rows = [("CORNER BAKERY LTD", ""), ("TOTAL EUR", "10.50")]
    both = confined_pdf.text_layers(printed_pdf(rows, rows), LIMITS)
    alone = confined_pdf.text_layers(printed_pdf(rows, rows), LIMITS, only=1)

    assert both[1:] == alone
    assert [{line.page for line in page.lines} for page in both if page] == [{0}, {1}]
    assert {line.confidence for page in both if page for line in page.lines} == {1.0}


def test_the_process_imports_no_models_which_would_take_longer_than_the_file() -> None:
    look = "import sys, providers.files.pdf_process; sys.exit('pydantic' in sys.modules)"
    done = subprocess.run((sys.executable, "-c", look), cwd=ROOT, check=False)
    assert done.returncode == 0
    assert pdf_pages.MAX_LINE_CHARACTERS == MAX_LINE_CHARACTERS
