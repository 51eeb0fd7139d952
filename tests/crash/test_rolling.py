"""A small rolling restart; ``make rolling`` has the large one."""

import tempfile
from pathlib import Path

from tests.crash.rolling import BY_ROLE, is_clean, roll


async def test_no_call_is_made_again_when_workers_restart_in_turn_under_load() -> None:
    with tempfile.TemporaryDirectory(prefix="rolling-", ignore_cleanup_errors=True) as folder:
        report = await roll(Path(folder), 40, BY_ROLE)
    assert is_clean(report), report
