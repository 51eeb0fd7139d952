"""The OCR process gives way to the rest, as far as the setting says."""

import os
import subprocess
import sys

import pytest

from config import ROOT

IN_CHILD = """
import os, sys
from lifecycle import _in_child

_in_child(lambda: os.getpriority(os.PRIO_PROCESS, 0), int(sys.argv[1]))
"""


@pytest.mark.parametrize("niceness", [0, 10])
def test_ocr_gives_way_as_far_as_the_setting_says(niceness: int) -> None:
    done = subprocess.run((sys.executable, "-c", IN_CHILD, str(niceness)), cwd=ROOT, check=False)
    assert done.returncode == min(os.getpriority(os.PRIO_PROCESS, 0) + niceness, 19)
