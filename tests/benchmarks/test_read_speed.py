import json
from pathlib import Path

import pytest

from benchmarks.read_speed import Stopwatch, main
from tests.support.drawn_receipts import drawn_tea


def test_a_measurement_holds_what_it_claims_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Imported here: every process of the suite collects this file, and this takes a second.
    from rapidocr import RapidOCR

    (tmp_path / "tea.png").write_bytes(drawn_tea(450))
    untimed = RapidOCR.detect_and_crop

    assert main([str(tmp_path), "--receipts", "3", "--warm-up", "1"]) == 0

    measured = json.loads(capsys.readouterr().out)
    assert measured["receipts"] == 3
    assert 0 < measured["seconds_ocr"] < measured["seconds_reading"]
    assert measured["reading_per_ocr"] == pytest.approx(
        measured["seconds_reading"] / measured["seconds_ocr"], rel=0.02
    )
    assert measured["memory_mb_after_3"] >= measured["memory_mb_after_1"] > 50
    assert RapidOCR.detect_and_crop is untimed


def test_a_folder_without_receipts_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_time_is_counted_also_where_a_method_fails() -> None:
    class Engine:
        def read(self) -> None:
            raise ValueError

    watch = Stopwatch()
    with watch.on(Engine, ("read",)), pytest.raises(ValueError):
        Engine().read()
    assert watch.seconds > 0
