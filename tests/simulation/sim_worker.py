"""The worker of a simulation: production's workflows, activities and providers.

    python -m tests.simulation.sim_worker [--role ocr] [--lacks-activity NAME] [--lacks-patch ID]

A run skips the waits between two attempts, but not the attempt that runs: a call that hangs is
given up sooner here, in this process alone. With the two last options it imitates an older build.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from unittest.mock import patch

from temporalio import workflow

from activities.policies import POLICIES
from bootstrap import Activities, provider_activities
from client import connect
from config import Settings
from providers.transport.http_session import HttpSession
from worker import build_ocr_worker, build_worker
from workflows.registered import WORKFLOWS

READY = "worker ready"

STEP_SECONDS = 3.0
"""The longest attempt, so that a call that hangs is given up soon. OCR keeps its time."""

CALL_SECONDS = 2.0
"""The longest HTTP exchange: shorter, as in production, so that the error says why."""

GRACE_SECONDS = 2.0


def _shorten_hangs(undo: AsyncExitStack) -> None:
    for name, row in POLICIES.items():
        if name != "extract_text":
            limited = replace(row, limit=min(row.limit, STEP_SECONDS))
            undo.enter_context(patch.dict(POLICIES, {name: limited}))
    defaults = {**(HttpSession.__init__.__kwdefaults__ or {}), "timeout_seconds": CALL_SECONDS}
    undo.enter_context(patch.object(HttpSession.__init__, "__kwdefaults__", defaults))


def _without_patch(patch_id: str) -> Callable[[str], bool]:
    """Return ``workflow.patched`` as a build knows it that does not have this patch yet.

    A run that has it in its history cannot go on there: that build would do something else.
    """
    patched = workflow.patched
    return lambda asked: asked != patch_id and patched(asked)


async def serve(role: str, lacks_activity: str | None, lacks_patch: str | None) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    client = await connect(settings)
    async with AsyncExitStack() as parts:
        _shorten_hangs(parts)
        if lacks_patch:
            old = _without_patch(lacks_patch)
            parts.enter_context(patch.object(workflow, "patched", old))
        if role == "ocr":
            worker = build_ocr_worker(client, settings)
        else:
            activities = await parts.enter_async_context(provider_activities(settings))
            worker = build_worker(
                client,
                settings.task_queue,
                activities=_all_but(lacks_activity, activities),
                workflows=WORKFLOWS,
                grace_seconds=GRACE_SECONDS,
            )
        await parts.enter_async_context(worker)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await stop.wait()


def _all_but(lacks: str | None, activities: Activities) -> Activities:
    return [method for method in activities if method.__name__ != lacks]


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("all", "ocr"), default="all")
    parser.add_argument("--lacks-activity")
    parser.add_argument("--lacks-patch")
    wanted = parser.parse_args()
    asyncio.run(serve(wanted.role, wanted.lacks_activity, wanted.lacks_patch))


if __name__ == "__main__":
    main()
