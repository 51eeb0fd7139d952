"""What a person answers to questions, typed or piped.

Reading a line blocks and cannot be interrupted, so that Ctrl-C would wait for Enter: it is done
by a thread that nobody waits for.
"""

import asyncio
import sys
import threading

from commands.terminal.output import one_line

SKIP, CANCEL, QUIT = "/skip", "/cancel", "/quit"


class Skip(Exception):
    """Leave this receipt for later and go on to the next."""


class Cancel(Exception):
    """End this receipt without an expense."""


class Quit(Exception):
    """Stop the review; the end of the input means the same."""


class Answers:
    """Asks on stderr, because stdout is for results, and reads a line of stdin."""

    async def ask(self, question: str) -> str:
        """Return what was typed, stripped of blanks; raise Skip, Cancel or Quit."""
        sys.stderr.write(one_line(question))
        sys.stderr.flush()
        line = await self._line()
        if not line.endswith("\n"):  # the end of the input, so nobody typed the line's end
            self.say("")
        answer = line.strip()
        if answer == SKIP:
            raise Skip
        if answer == CANCEL:
            raise Cancel
        if answer == QUIT or not line:
            raise Quit
        return answer

    def say(self, words: str) -> None:
        """Say why the question is asked again."""
        sys.stderr.write(f"{one_line(words)}\n")
        sys.stderr.flush()

    async def _line(self) -> str:
        loop = asyncio.get_running_loop()
        read: asyncio.Future[str] = loop.create_future()

        def give(line: str) -> None:
            if not read.done():
                read.set_result(line)

        def wait_for_a_line() -> None:
            line = sys.stdin.readline()
            loop.call_soon_threadsafe(give, line)

        threading.Thread(target=wait_for_a_line, daemon=True).start()
        return await read
