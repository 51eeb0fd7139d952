"""One engine for all pictures, because loading it takes two seconds."""

import pytest

from config import Settings
from providers.ocr import TextReader


def embedded(settings: Settings) -> TextReader:
    # Imported here: every process of the suite collects this folder, and this takes a second.
    from providers.ocr.rapid_ocr import RapidOcrReader

    return RapidOcrReader(settings)


@pytest.fixture(scope="session")
def reader() -> TextReader:
    return embedded(Settings())
