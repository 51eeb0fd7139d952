"""The local stack: Temporal, S3, the providers' API and a mailbox, as one thing to start and stop.

Without it a person would start four servers by hand, in four terminals, and a test that
fails would leave some of them running.
"""

import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import SecretStr
from temporalio import envconfig

from config import ROOT, Settings
from sandbox.parts import is_listening, local_parts, server_part, worker_part
from sandbox.processes import POLL_SECONDS, Part, ProcessGroup, RunningPart, StackError

START_SECONDS = 60.0
PORT_SECONDS = 2.0
DEFAULT_TEMPORAL_ADDRESS = "127.0.0.1:7233"


class Stack:
    """The servers of the local stack, and workers beside them, as child processes.

    A context manager: inside, everything serves; after it, nothing of it runs. The children
    also die when this process does, whatever killed it. ``settings`` say where each part
    listens and keeps its state; ``temporal_address`` overrides the SDK's own configuration.
    ``temporal_options`` are more options of its dev server.
    Names of the parts: temporal, s3, provider-api, mailbox, and what workers are started as.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        temporal_address: str | None = None,
        temporal_options: tuple[str, ...] = (),
    ) -> None:
        settings = settings or Settings()
        # Absolute, because our children run in another folder.
        self.settings = settings.model_copy(update={"state_dir": settings.state_dir.resolve()})
        profile = envconfig.ClientConfig.load_client_connect_config()
        self.temporal_address = (
            temporal_address or profile.get("target_host") or DEFAULT_TEMPORAL_ADDRESS
        )
        self._namespace = profile.get("namespace") or "default"
        self._temporal_options = temporal_options
        self._running: dict[str, RunningPart] = {}
        self._group: ProcessGroup | None = None
        self._lock: IO[str] | None = None

    @classmethod
    def isolated(cls, state_dir: Path, temporal_options: tuple[str, ...] = ()) -> Self:
        """Return a stack on free ports with its own state, for tests and benchmarks.

        Its providers are the embedded ones, whatever the developer's own settings say: a test
        must not write to somebody's database or ask a language model that costs money.
        """
        temporal, ui, s3, provider_api, smtp, server = free_ports(6)
        return cls(
            Settings(
                state_dir=state_dir,
                temporal_ui_url=f"http://127.0.0.1:{ui}",
                s3_endpoint_url=f"http://127.0.0.1:{s3}",
                provider_api_url=f"http://127.0.0.1:{provider_api}",
                smtp_host="127.0.0.1",
                smtp_port=smtp,
                server_host="127.0.0.1",
                server_port=server,
                smtp_tls="none",
                mail_provider="smtp",
                payment_provider="http",
                ocr_engine="embedded",
                receipt_parser="rules",
                database_url=f"sqlite:///{state_dir.resolve() / 'expenses.db'}",
            ),
            temporal_address=f"127.0.0.1:{temporal}",
            temporal_options=temporal_options,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all parts at once and wait until each serves; about a second.

        Raise StackError, after everything was stopped again, if one cannot.
        """
        parts = local_parts(
            self.settings, self.temporal_address, self._namespace, self._temporal_options
        )
        self._lock = self._lock_state()
        with ExitStack() as undo:
            undo.callback(self.stop)
            _refuse_taken_ports(parts)
            self._group = ProcessGroup()
            for part in parts:
                self._spawn(part)
            deadline = time.monotonic() + START_SECONDS
            for running in self._running.values():
                running.wait_until_ready(deadline)
            undo.pop_all()

    def start_worker(self, *arguments: str, name: str = "worker") -> None:
        """Start ``worker.py`` with these arguments and wait until it serves."""
        self.start_part(worker_part(name, arguments, self.settings))

    def start_server(self) -> None:
        """Start ``server.py`` and wait until it answers."""
        self.start_part(server_part(self.settings))

    def start_part(self, part: Part) -> None:
        """Start one more process beside the stack's own and wait until it serves."""
        _refuse_taken_ports([part])
        self._spawn(part).wait_until_ready(time.monotonic() + START_SECONDS)

    def run_in_terminal(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command that uses this stack, prints where we print and dies with us."""
        return self._living_group().spawn(command, self.environment(), ROOT)

    def stop(self) -> None:
        """Stop everything: workers first, so that they can still report what they finished."""
        try:
            workers_first = sorted(
                self._running.values(), key=lambda running: bool(running.part.addresses)
            )
            for running in workers_first:
                running.stop()
        finally:
            self._running.clear()
            if self._group:
                self._group.close()
                self._group = None
            if self._lock:
                self._lock.close()
                self._lock = None

    def kill(self, name: str) -> int:
        """Kill one part as a crash would, with SIGKILL; return its exit code."""
        return self._running[name].kill()

    def terminate(self, name: str) -> int:
        """Stop one part with SIGTERM; return its exit code."""
        return self._running[name].stop()

    def restart(self, name: str) -> None:
        """Start one part again, on the state that it left, and wait until it serves.

        A part that still runs is stopped first.
        """
        running = self._running[name]
        if running.process.poll() is None:
            running.stop()
        self.start_part(running.part)

    def ended(self) -> dict[str, int]:
        """Return the exit codes of the parts that ended, by name."""
        codes = {name: running.process.poll() for name, running in self._running.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def pid(self, name: str) -> int:
        """Return the process id of one part."""
        return self._running[name].process.pid

    def log(self, name: str) -> Path:
        """Return the file with everything that a part has printed, in all its lives."""
        return self.settings.state_dir / "logs" / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """Return the environment in which worker.py, starter.py and our tools use this stack."""
        chosen = {
            name.upper(): _as_text(value)
            for name, value in self.settings
            if name in self.settings.model_fields_set and value is not None
        }
        # What was read from a file is among them: both together would be refused.
        given = {
            name: value
            for name, value in os.environ.items()
            if name.upper().removesuffix("_FILE") not in chosen
        }
        return {**given, **chosen, "TEMPORAL_ADDRESS": self.temporal_address}

    def _spawn(self, part: Part) -> RunningPart:
        log = self.log(part.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        running = RunningPart(part, self._living_group(), self.environment(), ROOT, log)
        self._running[part.name] = running
        return running

    def _living_group(self) -> ProcessGroup:
        if self._group is None:
            raise StackError("the local stack is not running")
        return self._group

    def _lock_state(self) -> IO[str]:
        """Keep a second stack off the folder: it would write to the same databases."""
        path = self.settings.state_dir / "stack.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with lock:
                lock.seek(0)
                owner = lock.read().strip()
            raise StackError(
                f"a local stack (process {owner}) uses {path.parent} already: "
                "stop it, or set STATE_DIR to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock


def free_ports(count: int) -> list[int]:
    """Return ports on 127.0.0.1 that nobody uses and that the system will not hand out soon."""
    with ExitStack() as sockets:
        return [_free_port(sockets) for _ in range(count)]


def _free_port(sockets: ExitStack) -> int:
    listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
    port: int = listener.getsockname()[1]
    # A connection closed by the server's side leaves the port in TIME_WAIT: it can be
    # listened on, but is not handed out to anybody who asks for any port.
    with socket.create_connection(("127.0.0.1", port)):
        listener.accept()[0].close()
    return port


def _refuse_taken_ports(parts: Iterable[Part]) -> None:
    # A stack that was killed a moment ago may still be closing its ports.
    deadline = time.monotonic() + PORT_SECONDS
    for part in parts:
        for address in part.addresses:
            while is_listening(address):
                if time.monotonic() > deadline:
                    raise StackError(
                        f"port {address.port} on {address.host}, which {part.name} needs, is "
                        f"taken: stop what uses it, or set {address.setting} to another port"
                    )
                time.sleep(POLL_SECONDS)


def _as_text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
