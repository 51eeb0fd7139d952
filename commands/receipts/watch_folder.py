"""The command ``watch``: a run for each new file of a folder, until Ctrl-C."""

import argparse
import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from commands.receipts.folder import Form, NewFiles, form_of
from commands.receipts.receipt import read_file, show_started
from commands.terminal.outcome import ExitCode, sentence
from commands.terminal.output import Output
from config import Settings
from service import values
from service.calls import connect
from service.errors import BadInput, Refused, ServiceError
from service.expenses import saved_receipts
from service.receipts.start import SUBMISSIONS_AT_ONCE, Submission, submit_receipt, submitting
from service.submission import Started, submit_each
from workflows.identity import receipt_id_of, receipt_workflow_id

LOOK_SECONDS = 1.0


class _Changing(ServiceError):
    """A file that has changed while it was read: it is looked at again."""


async def watch(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Start a run for each file that comes, and for those that are there."""
    user_id = values.user_id(settings.user_id if args.user is None else args.user, "--user")
    notify = values.given(values.email, args.notify, "--notify")
    new = NewFiles(Path(args.folder))
    new.look()
    client = await connect(settings)
    saved = await saved_receipts(settings, user_id)
    with submitting(client, settings, user_id, notify) as submission:
        watching = _Watching(new, submission, saved, output)
        output.note(f"watching {args.folder} for receipts of {user_id}; Ctrl-C ends it")
        while True:
            await watching.take(await asyncio.to_thread(new.look))
            await asyncio.sleep(LOOK_SECONDS)


@dataclass
class _Watching:
    """What submits new files; ``saved`` are the receipts that were expenses at the beginning."""

    new: NewFiles
    submission: Submission
    saved: frozenset[str]
    output: Output
    told: set[str] = field(default_factory=set)
    """Warnings about what is away, each said once until a file is taken again."""

    async def take(self, found: dict[Path, Form]) -> None:
        """Submit new files; what cannot be submitted now is new at the next look, too."""
        known = 0

        async def submit(file: Path) -> Started:
            data = await asyncio.to_thread(read_file, file, self._most)
            if form_of(file) != found[file]:
                raise _Changing(f"{file} has changed while it was read")
            receipt_id = receipt_id_of(self.submission.user_id, hashlib.sha256(data).hexdigest())
            if receipt_id in self.saved:
                return Started(receipt_workflow_id(receipt_id), "", joined=True)
            return await submit_receipt(self.submission, data, only_new=True)

        def tell(file: Path, outcome: Started | ServiceError) -> None:
            nonlocal known
            if isinstance(outcome, _Changing):
                return
            if isinstance(outcome, Started):
                self.told.clear()
                if outcome.run_id:
                    show_started(str(file), outcome, self.submission, self.output)
                known += not outcome.run_id
            elif isinstance(outcome, BadInput | Refused):
                self.output.error(sentence(outcome, self.submission.settings), file=str(file))
            else:
                self._warn(sentence(outcome, self.submission.settings))
                return
            self.new.settle(file, found[file])

        await submit_each(found, submit, tell, SUBMISSIONS_AT_ONCE)
        if known:
            self.output.note(
                f"{known} file{' was' if known == 1 else 's were'} read before, as expenses tell"
            )

    @property
    def _most(self) -> int:
        return self.submission.settings.receipt_max_bytes

    def _warn(self, words: str) -> None:
        if words not in self.told:
            self.told.add(words)
            self.output.warning(f"{words}; files are submitted once it is back")
