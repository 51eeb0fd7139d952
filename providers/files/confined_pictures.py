"""Open pictures in a separate process whose memory and time are limited.

A decoder is a large program in C that reads what strangers sent. If it crashes, or needs hours or
gigabytes, that may not happen to a worker, to ``server.py`` or to ``starter.py``. The process is
kept, because to start one takes longer than to open a photo. numpy is imported only when it is
needed, so that ``starter.py`` starts fast.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from typing import IO, Any, NamedTuple, NoReturn

from config import ROOT
from providers.confinement import CRASHES, bare_environment, stopped
from providers.errors import ImageTooLarge, NotAnImage, ProviderUnavailable
from providers.files.image_kinds import FileKind
from providers.files.images import DecodedImage, kind_of_file

MEMORY_BYTES = 5 << 28
"""Limit of the process's address space, 1.25 GiB: what 50 megapixels of WebP need."""
LOOK_SECONDS = 5
"""Limit of the CPU time to check one picture, which takes a millisecond."""
CPU_SECONDS = 20
"""Limit of the CPU time to decode one picture: 50 megapixels need one to five seconds."""
_BUSY_SECONDS = 120
"""Limit of the elapsed time, which is longer than the CPU time on a busy machine."""
MOST_PICTURES = 1_000
"""After so many the process is replaced: what a decoder has lost of its memory adds up."""
_PIPE_BYTES = 1 << 20
"""What may be on its way to the process: a photo that fits is read in one piece, not in three."""
PROGRAM = ("-m", "providers.files.picture_process")


class PictureLimits(NamedTuple):
    """The most bytes and pixels of a picture."""

    max_bytes: int
    max_pixels: int


class _Died(Exception):
    """The process ended without an answer."""

    def __init__(self, code: int, *, late: bool) -> None:
        super().__init__(code, late)
        self.code = code
        self.late = late


class PictureProcess:
    """A process that opens pictures, which starts with the first of them.

    It opens one after another. If it ended, the next picture starts another.
    """

    def __init__(self, cpu_seconds: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._at_exit: weakref.finalize[Any, Any] | None = None
        self._parent = 0
        self._opened = 0

    def open(
        self, data: bytes, limits: PictureLimits, longest_side: int = 0, page: int = 0
    ) -> tuple[dict[str, Any], bytes]:
        """Return the sizes and the pixels; for a side of 0 the picture is checked only.

        Raises NotAnImage, ImageTooLarge, and ProviderUnavailable if this machine is too busy.
        """
        kind = kind_of_file(data, limits.max_bytes)
        asked = limits._asdict() | {"longest_side": longest_side, "page": page, "bytes": len(data)}
        with self._one_at_a_time:
            answer, pixels = self._answer(kind, json.dumps(asked).encode() + b"\n", data)
        if refusal := answer.get("error"):
            raise {"NotAnImage": NotAnImage}.get(refusal, ImageTooLarge)(answer["message"])
        return answer, pixels

    @property
    def pid(self) -> int | None:
        """The process's id; None if none has been started, or the last was stopped."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """End the process, whatever it opens."""
        process, self._process = self._process, None
        if process is not None:
            stopped(process)

    def _answer(self, kind: FileKind, head: bytes, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Ask, and once more if a process that has opened others before may be to blame."""
        while True:
            is_new = self._started()
            try:
                answer, pixels = self._ask(head, data)
            except _Died as died:
                if not is_new and not died.late and -died.code != signal.SIGPROF:
                    continue
                self._raise_end(kind, died)
            if not answer.get("memory"):
                return answer, pixels
            self.stop()
            if is_new:
                raise ImageTooLarge(
                    f"the {kind.name} file needs more than {MEMORY_BYTES >> 20} MiB to open"
                )

    def _ask(self, head: bytes, data: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        is_late = False
        try:
            process.stdin.write(head)
            process.stdin.write(data)
            process.stdin.flush()
            # A timer would be a thread for each picture, which takes longer than to open it.
            is_late = not _answers_within(_BUSY_SECONDS, process.stdout)
            line = b"" if is_late else process.stdout.readline()
            answer = json.loads(line) if line.endswith(b"\n") else {"bytes": -1}
            pixels = process.stdout.read(answer["bytes"]) if answer["bytes"] >= 0 else b""
        except OSError:  # it has ended
            answer, pixels = {"bytes": -1}, b""
        except BaseException:  # what it still answers would be taken for that to the next question
            self.stop()
            raise
        if len(pixels) == answer["bytes"]:
            return answer, pixels
        self._process = None
        raise _Died(stopped(process), late=is_late)

    def _started(self) -> bool:
        """Start the process unless there is one; return whether this one is new."""
        # A process that was forked may not use that of the one it came from.
        if self._process is not None and self._parent == os.getpid():
            if self._process.poll() is None and self._opened < MOST_PICTURES:
                self._opened += 1
                return False
            self.stop()
        self._parent, self._opened = os.getpid(), 1
        self._process = subprocess.Popen(  # noqa: S603 - our own module and numbers
            (sys.executable, *PROGRAM, str(MEMORY_BYTES), str(self._cpu_seconds)),
            cwd=ROOT,
            env=bare_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        _widen(self._process.stdin)
        if self._at_exit is not None:
            self._at_exit.detach()
        # Tools that open one picture close nothing.
        self._at_exit = weakref.finalize(self, stopped, self._process)
        return True

    def _raise_end(self, kind: FileKind, died: _Died) -> NoReturn:
        if -died.code == signal.SIGPROF:
            raise ImageTooLarge(
                f"the {kind.name} file takes more than {self._cpu_seconds:g} s to open"
            )
        if died.late:
            raise ProviderUnavailable(
                f"the {kind.name} file could not be opened within {_BUSY_SECONDS} s"
            )
        if -died.code in CRASHES:
            raise NotAnImage(f"the {kind.name} file cannot be read: it is damaged")
        raise ProviderUnavailable(f"opening the {kind.name} file ended with exit code {died.code}")


def _widen(pipe: IO[bytes] | None) -> None:
    """Let more fit into a pipe where the system can do that, and has as much to give."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _answers_within(seconds: float, answers: IO[bytes]) -> bool:
    """Wait until there is something to read, or the end."""
    waiting = select.poll()
    waiting.register(answers, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


# Two for all that our process opens: no photo at the door waits until another is decoded.
_looking = PictureProcess(LOOK_SECONDS)
_decoding = PictureProcess(CPU_SECONDS)


def check_picture(data: bytes, limits: PictureLimits) -> FileKind:
    """Return the format of a picture, of which no pixel is decoded.

    Raises the errors of ``images.check_image``, and ProviderUnavailable if this machine is too
    busy to tell.
    """
    _looking.open(data, limits)
    return kind_of_file(data, limits.max_bytes)


def decode_picture(
    data: bytes, limits: PictureLimits, longest_side: int, page: int = 0
) -> DecodedImage:
    """Check and decode a picture; see ``images.upright_image``. Raises as ``check_picture``."""
    import numpy as np

    size, pixels = _decoding.open(data, limits, longest_side, page)
    shape = (size["rows"], size["columns"], 3)
    flat = np.frombuffer(pixels, np.uint8)
    return DecodedImage(flat.reshape(shape), size["width"], size["height"])
