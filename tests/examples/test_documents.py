"""The example: each page is read once, one row per page, one mail, few lines of code."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.mails import MailActivities
from activities.ocr import OcrActivities
from bootstrap import activities_of, text_reader
from config import ROOT, Settings
from examples.documents.index import Document, PageIndex
from examples.documents.workflow import DocumentWorkflow
from models import ReceiptText
from providers.errors import NotAnImage, ProviderUnavailable
from providers.ocr import PageReader
from tests.support.calls import PATIENCE
from tests.support.fakes import World
from tests.support.pdf_files import printed_pdf, scanned_pdf
from tests.support.pipelines import DATA_CONVERTER, time_skipping
from tests.support.terminal import COMMAND_SECONDS, Terminal, beside_a_stack, eventually
from tests.support.warm import run_warm
from tests.support.watching import events_of, failure_of, result_of, until
from worker import build_worker
from workflows.identity import ocr_task_queue

EXAMPLE = ROOT / "examples" / "documents"
QUEUE = "documents"
PAGES = ("The board met in Springfield.", "Cinnamon rolls for all were approved.", "It rained.")
MINUTES = printed_pdf(*([(page, "")] for page in PAGES))

Run = WorkflowHandle[DocumentWorkflow, Document]


class Reader:
    """The real reader, which records the pages it reads and calls ``first`` before each."""

    def __init__(self, reader: PageReader, first: Callable[[int], None] = lambda _: None) -> None:
        self._reader = reader
        self._first = first
        self.reads: Counter[int] = Counter()

    def read(self, _image: bytes) -> ReceiptText:
        raise AssertionError("a document is read page by page")

    def read_page(self, document: bytes, page: int) -> ReceiptText:
        self.reads[page] += 1
        self._first(page)
        return self._reader.read_page(document, page)


class Library:
    """The pipeline on a time-skipping server; reader and index are real, store and mail fake."""

    def __init__(self, env: WorkflowEnvironment, reader: Reader, index: PageIndex) -> None:
        self.env = env
        self.reader = reader
        self.index = index
        self.world = World(clock=env.get_current_time)

    def get(self, object_key: str) -> bytes:
        assert object_key == "receipts/minutes.pdf"
        return MINUTES

    def put_receipt(self, _data: bytes) -> str:
        raise AssertionError("nothing is stored by a run")

    async def start(self) -> Run:
        document = Document(
            object_key="receipts/minutes.pdf", title="minutes.pdf", pages=3, owner="ada@u.example"
        )
        return await self.env.client.start_workflow(
            DocumentWorkflow.run, document, id="document-1", task_queue=QUEUE
        )


@pytest.fixture(scope="module")
def real_reader() -> PageReader:
    return text_reader(Settings())


@asynccontextmanager
async def serving(reader: Reader, folder: Path) -> AsyncIterator[Library]:
    """Serve the pipeline, with workflow code in the SDK's sandbox; replay its run at the end."""
    async with time_skipping() as env:
        library = Library(env, reader, PageIndex(folder / "documents.db"))
        ocr = activities_of(OcrActivities(library, reader))
        steps = activities_of(MailActivities(library.world))
        async with (
            build_worker(
                env.client,
                QUEUE,
                activities=[*steps, library.index.index_page],
                workflows=[DocumentWorkflow],
                grace_seconds=0,
                sandboxed=True,
            ),
            build_worker(
                env.client, ocr_task_queue(QUEUE), activities=ocr, max_activities=3, grace_seconds=0
            ),
        ):
            yield library
            run = env.client.get_workflow_handle("document-1")
            replayer = Replayer(
                workflows=[DocumentWorkflow],
                workflow_runner=UnsandboxedWorkflowRunner(),
                data_converter=DATA_CONVERTER,
            )
            await replayer.replay_workflow(await run.fetch_history())


def wait_for(all_inside: threading.Barrier) -> None:
    """Return when all threads of the barrier are here at the same time."""
    all_inside.wait()


def once(page: int, error: Exception) -> Callable[[int], None]:
    """Fail the first reading of a page."""
    errors = {page: error}

    def fail(number: int) -> None:
        if error := errors.pop(number, None):
            raise error

    return fail


# --- in process -------------------------------------------------------------------------------


async def test_a_page_that_fails_is_read_again_alone(
    real_reader: PageReader, tmp_path: Path
) -> None:
    reader = Reader(real_reader, once(1, ProviderUnavailable("the engine was busy")))
    async with serving(reader, tmp_path) as library:
        await result_of(await library.start())

        assert reader.reads == {0: 1, 1: 2, 2: 1}
        assert [row[:2] for row in library.index.search("rolls cinnamon")] == [("minutes.pdf", 1)]
        (mail,) = library.world.mails.values()
        assert (mail.idempotency_key, mail.to) == ("document-1:tell", "ada@u.example")


async def test_pages_are_read_side_by_side(real_reader: PageReader, tmp_path: Path) -> None:
    all_inside = threading.Barrier(3, timeout=PATIENCE)
    reader = Reader(real_reader, lambda _: wait_for(all_inside))
    async with serving(reader, tmp_path) as library:
        await result_of(await library.start())

        assert reader.reads == {0: 1, 1: 1, 2: 1}


async def test_the_same_document_twice_is_one_set_of_rows_and_one_key_of_a_mail(
    real_reader: PageReader, tmp_path: Path
) -> None:
    async with serving(Reader(real_reader), tmp_path) as library:
        await result_of(await library.start())
        await result_of(await library.start())

        with sqlite3.connect(tmp_path / "documents.db") as database:
            rows = database.execute("SELECT page, text FROM pages ORDER BY page").fetchall()
        database.close()
        assert rows == list(enumerate(PAGES))
        assert list(library.world.mails) == ["document-1:tell"]


async def test_a_page_that_nobody_can_read_fails_the_run_and_nobody_is_told(
    real_reader: PageReader, tmp_path: Path
) -> None:
    reader = Reader(real_reader, once(2, NotAnImage("the page is damaged")))
    async with serving(reader, tmp_path) as library:
        failure = await failure_of(await library.start())

        assert isinstance(failure, ActivityError)
        assert isinstance(failure.cause, ApplicationError)
        assert failure.cause.type == "NotAnImage"
        assert library.world.mails == {}


async def test_a_cancel_lets_what_runs_finish_and_nobody_is_told(
    real_reader: PageReader, tmp_path: Path
) -> None:
    inside, go_on = threading.Barrier(4, timeout=PATIENCE), threading.Event()

    def hold(_: int) -> None:
        inside.wait()
        go_on.wait(PATIENCE)

    async with serving(Reader(real_reader, hold), tmp_path) as library:
        run = await library.start()
        await asyncio.to_thread(inside.wait)
        await run.cancel()
        await until_asked_to_stop(run)
        go_on.set()

        assert isinstance(await failure_of(run), CancelledError)
        assert library.world.mails == {}


async def until_asked_to_stop(run: Run) -> None:
    """Wait until the workflow has asked its three activities to stop."""

    async def so() -> bool:
        kind = EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED
        return len(events_of(await run.fetch_history(), kind)) == 3

    await until(so)


@pytest.mark.parametrize("words", ['"', "don't", "NEAR(", "rolls*", "-rolls", "a OR b", "''"])
def test_whatever_is_searched_for_is_words_and_no_query(words: str, tmp_path: Path) -> None:
    assert PageIndex(tmp_path / "documents.db").search(words) == []


def test_an_index_that_cannot_be_opened_may_be_there_later(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="unable to open database file"):
        PageIndex(tmp_path / "no" / "folder" / "documents.db").search("words")


# --- as a person runs it ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with beside_a_stack(tmp_path_factory.mktemp("documents"), worker=False) as terminal:
        yield terminal


def typed_and_drawn(typed: str, drawn: str) -> bytes:
    """Return a document of a page of text, which is read at once, and one that takes OCR."""
    # Imported here: every process of the suite collects this file.
    from pypdfium2 import PdfDocument

    picture = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(picture).text((20, 40), drawn, "black", ImageFont.load_default(24))
    joined, file = PdfDocument.new(), BytesIO()
    for part in (printed_pdf([(typed, "")]), scanned_pdf(picture)):
        joined.import_pages(PdfDocument(part))
    joined.save(file)
    joined.close()
    return file.getvalue()


def test_killed_while_it_reads_it_goes_on_when_it_is_typed_again(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(typed_and_drawn("Chapter Alpha, in which a page is read", "Chapter Beta"))
    with subprocess.Popen(
        (sys.executable, "-m", "examples.documents", "index", str(file), "ada@library.example"),
        cwd=ROOT,
        env=terminal.stack.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as first:
        eventually(lambda: asyncio.run(attempts_to_read(terminal)), bool)
        os.kill(first.pid, signal.SIGKILL)
    assert terminal.mails("ada@library.example") == []

    assert documents(terminal, "index", str(file), "ada@library.example") == (
        "scan.pdf can be searched, and ada@library.example was told\n"
    )

    assert documents(terminal, "search", "beta") == "scan.pdf, page 2: Chapter [Beta]\n"
    assert [mail.subject for mail in terminal.mails("ada@library.example")] == [
        "scan.pdf can be searched"
    ]
    # One run, and only the page that was being read at the kill was read again.
    attempts = asyncio.run(attempts_to_read(terminal))
    assert len(attempts) == 2
    assert min(attempts) == 1


def test_who_types_nothing_is_told_what_to_type() -> None:
    code, _, err = run_warm(("-m", "examples.documents"), "", os.environ, COMMAND_SECONDS)
    assert (code, "index FILE.pdf MAIL" in err) == (1, True)


def documents(terminal: Terminal, *arguments: str) -> str:
    """Run the example's command to its end and return what it printed."""
    done = terminal.python("-m", "examples.documents", *arguments)
    assert done.code == 0, done
    return done.out


async def attempts_to_read(terminal: Terminal) -> list[int]:
    """Return which attempt read each page so far; empty before there is a run."""
    client = await terminal.connect()
    runs = [run async for run in client.list_workflows("WorkflowType = 'DocumentWorkflow'")]
    assert len(runs) <= 1
    histories = [await client.get_workflow_handle(run.id).fetch_history() for run in runs]
    return [attempt for history in histories for attempt in readings(history)]


def readings(history: WorkflowHistory) -> list[int]:
    scheduled = {
        event.event_id
        for event in events_of(history, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        if event.activity_task_scheduled_event_attributes.activity_type.name == "extract_text"
    }
    return [
        event.activity_task_started_event_attributes.attempt
        for event in events_of(history, EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
        if event.activity_task_started_event_attributes.scheduled_event_id in scheduled
    ]


# --- its code -----------------------------------------------------------------------------------


def test_the_whole_example_has_less_than_150_lines() -> None:
    files = sorted(EXAMPLE.rglob("*.py"))
    assert len(files) > 3
    assert sum(file.read_text(encoding="utf-8").count("\n") for file in files) < 150
