"""Reading in a process that can be stopped: no text keeps a worker from its orders.

One page of 120 rows once held up all orders of a worker for half a minute. A thread would not help:
it cannot be stopped, and a search for a pattern lets no other run.
"""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from config import ROOT, Settings
from models import ReceiptFields, ReceiptText
from providers.confinement import bare_environment, stopped
from providers.errors import ProviderUnavailable, TotalNotFound, UnexpectedAnswer
from providers.receipt_parser.reading import Question, Read, TextReading, fields_by

MEMORY_BYTES = 1 << 30
"""Limit of the process's address space."""
CPU_SECONDS = 5
"""Limit of the CPU time of one question: a long receipt takes a tenth of a second."""
_BUSY_SECONDS = 45
"""Limit of the elapsed time, which is longer on a busy machine. Below that of ``parse_receipt``."""


class ConfinedReading:
    """``TextReading`` in a child process, which starts with the first question.

    It reads one text after another. If it is stopped, the next question starts another.
    """

    def __init__(self, settings: Settings, cpu_seconds: float = CPU_SECONDS) -> None:
        self._settings = settings
        self._cpu_seconds = cpu_seconds
        self._process: subprocess.Popen[bytes] | None = None
        # Of its own: those that wait here must not take the threads of other calls.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")

    async def ask(self, question: Question) -> Read:
        """Return the answer; see ``TextReading.ask``.

        Raises TotalNotFound, which a person decides on, for a text that takes too long.
        """
        asked = question.with_defaults_of(self._settings).model_dump_json().encode() + b"\n"
        loop = asyncio.get_running_loop()
        answer = json.loads(await loop.run_in_executor(self._thread, self._ask, asked))
        if kind := answer.get("error"):
            if kind == "UnexpectedAnswer":
                raise UnexpectedAnswer(answer["message"])
            partial = answer.get("partial")
            raise TotalNotFound(
                answer["message"],
                ReceiptFields.model_validate_json(json.dumps(partial)) if partial else _nothing(),
            )
        return Read.model_validate_json(json.dumps(answer["read"]))

    async def close(self) -> None:
        """Stop the process, whatever it reads."""
        if self._process is not None:
            self._process.kill()
        await asyncio.to_thread(self._thread.shutdown)
        if self._process is not None:
            self._end(self._process)

    def _ask(self, question: bytes) -> bytes:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Timer(_BUSY_SECONDS, process.kill)
        late.start()
        try:
            process.stdin.write(question)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:  # it has ended
            answer = b""
        except BaseException:  # what it still answers would be taken for that to the next question
            self._end(process)
            raise
        finally:
            late.cancel()
        if answer.endswith(b"\n"):
            return answer
        code = self._end(process)
        if -code == signal.SIGPROF:
            raise TotalNotFound(
                f"the receipt takes more than {self._cpu_seconds:g} s to read", _nothing()
            )
        raise ProviderUnavailable(f"reading the receipt ended with exit code {code}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end(self._process)
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own module and numbers
                (
                    *(sys.executable, "-m", "providers.receipt_parser.reading_process"),
                    *(str(MEMORY_BYTES), str(self._cpu_seconds)),
                ),
                cwd=ROOT,
                env=bare_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            # Tools that read one receipt close nothing.
            weakref.finalize(self, stopped, self._process)
        return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        self._process = None
        return stopped(process)


class ConfinedRulesParser:
    """A ``ReceiptParser`` by the rules, without any account."""

    is_metered = False

    def __init__(self, reading: TextReading) -> None:
        self._reading = reading

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        """Return the fields; see ``ReceiptParser.parse``."""
        question = Question(what="rules", text=text, known_merchants=tuple(known_merchants))
        return await fields_by(self._reading, question)


def _nothing() -> ReceiptFields:
    """Return the fields of a receipt that nobody has read."""
    return ReceiptFields(merchant=None, total_cents=None, currency=None, date=None, parser="none")
