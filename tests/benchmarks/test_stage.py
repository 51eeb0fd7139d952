import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.rig.stage import cpu_seconds, cpu_seconds_with_children

BUSY = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs proc(5)")
@pytest.mark.parametrize("rest", ["", "sys.stdin.read()"], ids=["ended", "living"])
def test_the_time_of_children_counts_whether_they_live_or_ended(rest: str) -> None:
    shell = f"{sys.executable} -c '{BUSY}{rest}'; echo; read -r line"
    with subprocess.Popen(
        ["/bin/sh", "-c", shell], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        lines = 1 if rest else 2  # the second one after the child was waited for
        for _ in range(lines):
            parent.stdout.readline()

        assert cpu_seconds(parent.pid) < 0.1
        assert 0.25 < cpu_seconds_with_children(parent.pid) < 2
        parent.kill()
