"""``python -m sandbox dev|demo``: the local stack and a worker, watched.

Without the watch a part that died would leave runs hanging for a reason nobody can see.
What ends is started again, so that anybody may kill -9 a part and see that nothing is lost.
"""

import argparse
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pydantic import SecretStr

from config import Settings, SettingsError
from lifecycle import keep_files_private
from sandbox.processes import StackError
from sandbox.settings import sandbox_settings
from sandbox.stack import Stack
from service.access.keys import new_key_id
from web.desk.signed_in.sessions import PATH as DESK
from web.desk.signed_in.sessions import Sessions

WATCH_SECONDS = 0.1


def main() -> int:
    """Run one of the two commands; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("dev", help="stack and worker until Ctrl-C").set_defaults(command=_dev)
    commands.add_parser(
        "demo", help="stack, worker and the scenario; on a terminal up until Ctrl-C"
    ).set_defaults(command=_demo)
    command: Callable[[Settings], int] = parser.parse_args().command
    # Whoever asks us to end gets the same ordered stop as Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return command(sandbox_settings())
    except (StackError, SettingsError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _dev(settings: Settings) -> int:
    """Run stack and worker, with the worker's output here, until Ctrl-C."""
    stack = Stack(settings)
    worker_log = _Follower(stack.log("worker"))
    try:
        with stack:
            _say_addresses(stack)
            _start_worker(stack)
            _start_server(stack)
            _watch_until_interrupted(stack, worker_log.print_new)
    finally:
        worker_log.print_new()
    return 0


def _demo(settings: Settings) -> int:
    """Run ``python -m sandbox.demo`` on a stack and a worker; return its exit code."""
    with Stack(settings) as stack:
        _say_addresses(stack)
        _start_worker(stack)
        _start_server(stack)
        scenario = stack.run_in_terminal(sys.executable, "-m", "sandbox.demo")
        while scenario.poll() is None:
            _revive(stack)
            time.sleep(WATCH_SECONDS)
        if sys.stdin.isatty() and sys.stdout.isatty() and not settings.demo_exit:
            _say(f"\nStill up, to look around: {settings.temporal_ui_url}")
            _say(f"and at the desk: {_sign_in_link(stack.settings)}")
            _say("Ctrl-C stops it and keeps what it stored; 'make clean' forgets that.")
            _watch_until_interrupted(stack)
    return scenario.returncode


def _watch_until_interrupted(stack: Stack, each_time: Callable[[], None] | None = None) -> None:
    try:
        while True:
            _revive(stack)
            if each_time:
                each_time()
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        _say("stopping")


def _revive(stack: Stack) -> None:
    for name, exit_code in stack.ended().items():
        _say(f"{name} ended with exit code {exit_code} (log: {stack.log(name)}); starting it again")
        stack.restart(name)
        _say(f"{name} is back (process {stack.pid(name)})")


class _Follower:
    """Prints what is added to a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = path.stat().st_size if path.exists() else 0

    def print_new(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        sys.stdout.write(new.decode(errors="replace"))
        sys.stdout.flush()


def _say_addresses(stack: Stack) -> None:
    settings = stack.settings
    addresses = {
        "temporal": f"{stack.temporal_address}, UI {settings.temporal_ui_url}",
        "s3": settings.s3_endpoint_url,
        "provider-api": settings.provider_api_url,
        "mailbox": f"smtp://{settings.smtp_host}:{settings.smtp_port}",
    }
    for name, address in addresses.items():
        # The process id is an invitation: kill -9 it, and see that nothing is lost.
        _say(f"{name:<13}{address} (process {stack.pid(name)})")
    _say(f"{'state, logs':<13}{settings.state_dir}")


def _start_worker(stack: Stack) -> None:
    stack.start_worker()
    _say(f"{'worker':<13}log {stack.log('worker')} (process {stack.pid('worker')})")


def _start_server(stack: Stack) -> None:
    if stack.settings.server_session_key is None:  # ours, to sign a link with; it outlives kill -9
        key = SecretStr(secrets.token_urlsafe(32))
        stack.settings = stack.settings.model_copy(update={"server_session_key": key})
    stack.start_server()
    settings = stack.settings
    url = f"http://{settings.server_host}:{settings.server_port}"
    _say(f"{'server':<13}{url}/docs (process {stack.pid('server')})")
    _say(f"{'':<13}'python starter.py keys add NAME --role operate' makes a key for it")
    _say(f"{'desk':<13}{_sign_in_link(settings)}\n")


def _sign_in_link(settings: Settings) -> str:
    """Return the address that signs in at the desk once, in the next ten minutes."""
    token = Sessions(settings.server_session_key).link_token(new_key_id())
    return f"http://{settings.server_host}:{settings.server_port}{DESK}/sign-in/link?token={token}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    keep_files_private()
    sys.exit(main())
