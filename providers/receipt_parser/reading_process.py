"""The process that reads the texts of receipts for ``confined_reading``, one after another.

It reads a question a line from stdin, and answers with a line on stdout. It limits its own memory,
and the kernel ends it when one question takes more than its CPU time.
"""

import json
import resource
import signal
import sys
from typing import Any

from providers.errors import TotalNotFound, UnexpectedAnswer
from providers.receipt_parser.reading import Question, answer_to


def main(memory_bytes: str, cpu_seconds: str) -> None:
    """Answer until stdin ends; the limits are of memory, and of each question's CPU time."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C at a terminal is for the worker, which ends this process when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        # What nobody handles ends a process: nothing that Python would have to get round to.
        signal.setitimer(signal.ITIMER_PROF, float(cpu_seconds))
        answer = _answer(line)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _answer(line: bytes) -> dict[str, Any]:
    try:
        return {"read": answer_to(Question.model_validate_json(line)).model_dump(mode="json")}
    except TotalNotFound as missing:
        partial = missing.partial and missing.partial.model_dump(mode="json")
        return {"error": "TotalNotFound", "message": str(missing), "partial": partial}
    except UnexpectedAnswer as error:
        return {"error": "UnexpectedAnswer", "message": str(error)}
    except MemoryError:
        return {"error": "TotalNotFound", "message": "the receipt needs too much memory to read"}
    except Exception as error:  # a text can be anything: a person decides, and the name says why
        return {
            "error": "TotalNotFound",
            "message": f"the receipt cannot be read ({type(error).__name__})",
        }


if __name__ == "__main__":
    main(*sys.argv[1:])
