import os
import subprocess
import sys
import time

from benchmarks.footprint import children, running_seconds


def test_children_are_those_of_every_thread_and_no_others() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as child:
        assert child.pid in children(os.getpid())
        assert children(child.pid) == []
        child.communicate(b"\n")
    assert child.pid not in children(os.getpid())


def test_time_that_a_process_ran_is_counted_in_seconds() -> None:
    before, own = running_seconds(os.getpid()), time.process_time()
    while time.process_time() - own < 0.05:
        pass
    assert 0.04 < running_seconds(os.getpid()) - before < 1
